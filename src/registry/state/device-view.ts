import type { Membership } from '../../domain/device.ts'
import type { DeviceView } from '../../protocol/operations/device.ts'
import type { ThingModels } from '../types/thing-models.ts'
import type { DeviceStates } from './device-states.ts'
import type { PresenceKeeper } from './presence.ts'

export interface DeviceViewOptions {
  readonly models: ThingModels
  readonly states: Pick<DeviceStates, 'of'>
  readonly presence: Pick<PresenceKeeper, 'of'>
}

/** Shows a device to one of its members, as it is now. */
export function createDeviceView({ models, states, presence }: DeviceViewOptions): (of: Membership) => DeviceView {
  return ({ device, role }) => {
    const { online, sinceMs } = presence.of(device.id)
    return {
      id: device.id,
      type: device.type,
      name: device.name,
      role,
      online,
      since: sinceMs,
      state: states.of(device.id),
      model: models.get(device.type)?.model ?? bareModel(device.type),
    }
  }
}

/** Stands in for a thing model whose file is gone: the device stays in the list, without controls. */
const bareModel = (type: string): DeviceView['model'] => ({
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  '@type': 'tm:ThingModel',
  title: type,
  properties: {},
})
