import type { DeviceRole } from '../protocol/operations/device.ts'
import type { JsonObject } from './json.ts'

/** A registered device. */
export interface Device {
  readonly id: string
  /** The name of its thing model: the file's name in devices/types without `.json`. */
  readonly type: string
  readonly name: string
  readonly disabled: boolean
  readonly createdAtMs: number
}

/** What is kept of a device's secrets: SHA-256 of the secret, and of the claim code until it is used. */
export interface DeviceCredentials {
  readonly secretHash: string
  readonly claimHash: string | null
}

/** Whether a device is connected, and since when. `sinceMs` is 0 when it was never seen. */
export interface Presence {
  readonly online: boolean
  readonly sinceMs: number
  readonly reason?: string
}

/** A device as one of its members has it. */
export interface Membership {
  readonly device: Device
  readonly role: DeviceRole
}

/** Devices, members, presence and last state. Implemented by src/store. */
export interface DeviceStore {
  /** False when the id is taken. */
  createDevice(device: Device, credentials: DeviceCredentials): Promise<boolean>
  deviceById(id: string): Promise<(Device & DeviceCredentials) | undefined>
  listDevices(): Promise<Device[]>
  setDeviceDisabled(id: string, disabled: boolean): Promise<void>
  setCredentials(id: string, credentials: Partial<DeviceCredentials>): Promise<void>
  renameDevice(id: string, name: string): Promise<void>
  memberships(accountId: string): Promise<Membership[]>
  membersOf(deviceId: string): Promise<{ readonly userId: string; readonly role: DeviceRole }[]>
  /** Makes the account the owner and voids the claim code, in one transaction; 'owned' when there is an owner already or the code is void. */
  claim(deviceId: string, accountId: string): Promise<'claimed' | 'owned'>
  /** Removes every member, the state, the history and the claim code, in one transaction. */
  release(deviceId: string): Promise<void>
  presences(): Promise<Map<string, Presence>>
  savePresence(deviceId: string, presence: Presence): Promise<void>
  states(): Promise<Map<string, JsonObject>>
  /** Writes all of `states` in one transaction; devices that no longer exist are passed over. */
  saveStates(states: ReadonlyMap<string, JsonObject>): Promise<void>
}
