import type { GroupCommit } from '../../broker/commit/group-commit.ts'
import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { StateStore } from '../../domain/mqtt-state/state-store.ts'
import { type DeviceDirectory, openDeviceDirectory } from '../../registry/device-directory.ts'
import { createHistory } from '../../registry/history/history.ts'
import { createDeviceStates, type DeviceStates } from '../../registry/state/device-states.ts'
import { createDeviceTraffic } from '../../registry/state/device-traffic.ts'
import type { Base } from '../base.ts'

/** What the path of a message needs to know about devices. */
export interface Devices {
  readonly directory: DeviceDirectory
  readonly states: DeviceStates
  readonly traffic: DeviceTraffic
  /** Begins to keep history within its bounds. */
  start(): void
  /** Writes what is still to be written. */
  close(): Promise<void>
}

/** Reads all devices and their states. */
export async function openDevices(
  { config, backend, events, orders, now }: Base,
  kept: StateStore,
  commits: Pick<GroupCommit, 'kept'>,
): Promise<Devices> {
  const { store, models } = backend
  const directory = await openDeviceDirectory({ store: store.devices, events, orders })
  const history = createHistory({ store: store.history, settings: config.history, events, orders, now })
  const states = createDeviceStates({
    store: store.devices,
    kept,
    put: (deviceId, tenure, state) => commits.kept({ kind: 'state', deviceId, tenure, state }),
    models,
    directory,
    events,
    folded: history.folded,
    now,
  })
  const close = async () => {
    await states.close()
    await history.close()
  }
  try {
    await states.seed()
  } catch (cause) {
    await close()
    throw cause
  }
  return {
    directory,
    states,
    traffic: createDeviceTraffic({ models, deviceType: directory.typeOf, states }),
    start: history.start,
    close,
  }
}
