import type { DeviceStore } from '../../domain/device.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { type Origin, originOf } from '../../domain/origin.ts'
import type { DeviceStates } from '../state/device-states.ts'
import type { ThingModels } from '../types/thing-models.ts'
import { titleOfType } from '../types/title-of-type.ts'

/** Releases a device for its owner. False, with nothing done, when the user no longer owns it. */
export type ReleaseDevice = (deviceId: string, ownerId: string, by: Origin) => Promise<boolean>

export interface ReleaseOptions {
  readonly store: Pick<DeviceStore, 'deviceById' | 'release'>
  readonly models: ThingModels
  readonly states: Pick<DeviceStates, 'forget'>
  readonly events: Events
  readonly orders: Orders
}

export const createReleaseDevice =
  ({ store, models, states, events, orders }: ReleaseOptions): ReleaseDevice =>
  async (deviceId, ownerId, by) => {
    const device = await store.deviceById(deviceId)
    const release = device && (await store.release(deviceId, ownerId, titleOfType(device.type, models)))
    if (!release) return false
    // Grants end before the state is cleared, so that no former member sees that.
    const obeyed = release.members.map(({ userId }) => orders.give('grant-changed', { deviceId, userId, role: null }))
    obeyed.push(orders.give('device-released', { deviceId, userId: ownerId, tenure: release.tenure }))
    events.emit('acted', { ...originOf(by), kind: 'device-released', target: { kind: 'device', id: deviceId } })
    await Promise.all(obeyed)
    await states.forget(deviceId)
    return true
  }
