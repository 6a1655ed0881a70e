import type { Device, DeviceStore } from '../domain/device.ts'
import type { Events } from '../domain/events.ts'

/** Which device has which type, in memory: the message path asks without waiting. */
export interface DeviceDirectory {
  /** The type of a registered device. */
  typeOf(deviceId: string): string | undefined
  /** Takes a device in that was read from the store. */
  learn(device: Pick<Device, 'id' | 'type'>): void
  /** Reads all devices again. Rejects with a fault of the store. */
  refresh(): Promise<void>
}

interface Options {
  readonly store: Pick<DeviceStore, 'listDevices'>
  readonly events: Events
  /** Hears of every device that becomes known after the first loading. */
  readonly added: (deviceId: string) => void
}

/** Loads all devices, and again whenever another process (`latchkey device add`) changed the store. */
export async function openDeviceDirectory({ store, events, added }: Options): Promise<DeviceDirectory> {
  const types = new Map<string, string>()
  for (const { id, type } of await store.listDevices()) types.set(id, type)

  function learn({ id, type }: Pick<Device, 'id' | 'type'>): void {
    const isNew = !types.has(id)
    types.set(id, type)
    if (isNew) added(id)
  }

  async function refresh(): Promise<void> {
    for (const device of await store.listDevices()) learn(device)
  }

  events.on('store-changed-elsewhere', () => {
    refresh().catch((cause: unknown) => events.emit('fault', { where: 'reading the devices again', cause }))
  })
  return { typeOf: deviceId => types.get(deviceId), learn, refresh }
}
