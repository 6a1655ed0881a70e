import type { Device, DeviceRecord, DeviceStore } from '../domain/device.ts'
import type { Events } from '../domain/events.ts'
import type { Orders } from '../domain/orders.ts'
import { nextTurn } from '../turns/in-turns.ts'

/** A device that was just added, or read from the store. */
export type KnownDevice = Pick<Device, 'id' | 'type'> & Partial<Pick<DeviceRecord, 'tenure'>>

/** The type and tenure of every device, in memory, so that the message path need not wait. */
export interface DeviceDirectory {
  /** The ids of all registered devices. */
  all(): Iterable<string>
  /** The type of a registered device. */
  typeOf(deviceId: string): string | undefined
  /** The tenure of a registered device; undefined for one that was just added and has not connected yet. */
  tenureOf(deviceId: string): string | undefined
  /** Takes in a device. A known device keeps its tenure: what was read may be older than a release. */
  learn(device: KnownDevice): void
  /** Calls `listener` for every device that becomes known after the first load. */
  onAdded(listener: (deviceId: string) => void): void
  /** Reads all devices again. Rejects with a fault of the store. */
  refresh(): Promise<void>
}

interface Options {
  readonly store: Pick<DeviceStore, 'listDevices' | 'devicesAfter' | 'tenures'>
  readonly events: Events
  readonly orders: Orders
}

const devicesPerTurn = 500

/** Loads all devices, and reloads them when another process (`latchkey device add`) has changed the store. */
export async function openDeviceDirectory({ store, events, orders }: Options): Promise<DeviceDirectory> {
  const types = new Map<string, string>()
  const listeners: ((deviceId: string) => void)[] = []
  const tenures = new Map(await store.tenures())
  for (const { id, type } of await store.listDevices()) types.set(id, type)

  function learn({ id, type, tenure }: KnownDevice): void {
    const isNew = !types.has(id)
    types.set(id, type)
    if (tenure !== undefined && !tenures.has(id)) tenures.set(id, tenure)
    if (isNew) for (const listener of listeners) listener(id)
  }

  async function refresh(): Promise<void> {
    for (let afterId: string | undefined = ''; afterId !== undefined; await nextTurn()) {
      const page: readonly Device[] = await store.devicesAfter(afterId, devicesPerTurn)
      for (const device of page) learn(device)
      afterId = page.length < devicesPerTurn ? undefined : page.at(-1)?.id
    }
  }

  orders.obey({
    'device-added': ({ deviceId, type }) => learn({ id: deviceId, type }),
    'device-enrolled': ({ deviceId, type }) => learn({ id: deviceId, type }),
    'device-released': ({ deviceId, tenure }) => void tenures.set(deviceId, tenure),
    'store-changed-elsewhere': () => {
      refresh().catch((cause: unknown) => events.emit('fault', { where: 'reading the devices again', cause }))
    },
  })
  return {
    all: () => types.keys(),
    typeOf: deviceId => types.get(deviceId),
    tenureOf: deviceId => tenures.get(deviceId),
    learn,
    onAdded: listener => void listeners.push(listener),
    refresh,
  }
}
