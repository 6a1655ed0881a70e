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

/** What is kept of a device's secrets: SHA-256 of the secret, and of the claim code that is valid now. */
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

/** A presence as it is kept. */
export interface KeptPresence extends Presence {
  /** The node that saw it; missing in what an earlier version kept, which was alone. */
  readonly node?: string
}

/** A device as one of its members has it. */
export interface Membership {
  readonly device: Device
  readonly role: DeviceRole
}

/** Somebody who has a device. */
export interface Member {
  readonly userId: string
  readonly role: DeviceRole
}

/** A member as the owner sees it. */
export interface NamedMember extends Member {
  readonly username: string
  /** Since when it has been a member, in whatever role. */
  readonly sinceMs: number
}

/** A device as it is stored. */
export interface DeviceRecord extends Device, DeviceCredentials {
  /** See {@link DeviceStore.tenures}. */
  readonly tenure: string
}

/** A device is nobody's any more. */
export interface Release {
  readonly members: readonly Member[]
  /** The one that begins. */
  readonly tenure: string
}

/** A membership has ended. `ownerId` is undefined for a device whose owner's account is gone. */
export interface Removal {
  readonly ownerId: string | undefined
}

/** Devices, members and presence. Implemented by src/store. */
export interface DeviceStore {
  /** False when the id is taken. */
  createDevice(device: Device, credentials: DeviceCredentials): Promise<boolean>
  deviceById(id: string): Promise<DeviceRecord | undefined>
  /** Those that there are, by id, in one query. */
  devicesById(ids: readonly string[]): Promise<Map<string, Device & DeviceCredentials>>
  listDevices(): Promise<Device[]>
  /** At most `atMost` of them, by id, from behind `afterId` on. */
  devicesAfter(afterId: string, atMost: number): Promise<Device[]>
  setDeviceDisabled(id: string, disabled: boolean): Promise<void>
  setCredentials(id: string, credentials: Partial<DeviceCredentials>): Promise<void>
  /** False, and nothing done, when `ownerId` is not the owner. */
  renameDevice(id: string, ownerId: string, name: string): Promise<boolean>
  memberships(accountId: string): Promise<Membership[]>
  membersOf(deviceId: string): Promise<Member[]>
  /** Every member with its user name, the longest first; also those whose account is disabled. */
  namedMembersOf(deviceId: string): Promise<NamedMember[]>
  /** Makes the account the owner and voids the claim code, in one transaction; 'owned' when there is an owner already or the code is void. */
  claim(deviceId: string, accountId: string): Promise<'claimed' | 'owned'>
  /**
   * Makes the last claim code that was given out valid until `untilMs`, in one transaction; null where it is valid anyway, until it is used. 'no-label' for a device whose
   * code an earlier version of the program forgot.
   */
  offer(deviceId: string, untilMs: number): Promise<{ readonly untilMs: number | null } | 'owned' | 'no-label'>
  /**
   * Removes every member, invitation, the history and the claim code, calls the device `name` again, and begins another tenure, in one transaction. Undefined, and nothing
   * done, when `ownerId` is not the owner.
   */
  release(deviceId: string, ownerId: string, name: string): Promise<Release | undefined>
  /**
   * A tenure is a device as one owner has it, from one release to the next; its name is never used again. What was reported under one is never shown
   * under another. Empty for a device that an earlier version of the program added, and that was not released since it keeps them.
   */
  tenures(): Promise<Map<string, string>>
  /**
   * Ends the membership of `userId` because `byUserId` says so, in one transaction; the owner voids the device's open invitations by it. 'not-member' when either has no part in the device,
   * 'not-owner' when it is not for them to say, 'owner' when it is the owner's: a device is released, never left without one.
   */
  removeMember(
    deviceId: string,
    userId: string,
    byUserId: string,
  ): Promise<Removal | 'not-member' | 'not-owner' | 'owner'>
  /** Gives a member another role because `byUserId`, the owner, says so. The refusals are those of {@link removeMember}. */
  changeRole(
    deviceId: string,
    userId: string,
    byUserId: string,
    role: Exclude<DeviceRole, 'owner'>,
  ): Promise<'changed' | 'not-member' | 'not-owner' | 'owner'>
  presences(): Promise<Map<string, KeptPresence>>
  /** Writes all of them, by device id, in one transaction; devices that do not exist are passed over. */
  savePresences(presences: ReadonlyMap<string, KeptPresence>): Promise<void>
  /** The states that an earlier version of the program kept here. */
  earlierStates(): Promise<Map<string, JsonObject>>
  /** To be called when they are kept elsewhere. */
  dropEarlierStates(): Promise<void>
}
