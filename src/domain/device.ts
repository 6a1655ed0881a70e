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

/** What is kept of a device's secrets: the SHA-256 of the secret, and that of the claim code that is valid now. */
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

/** A presence as it is stored. */
export interface KeptPresence extends Presence {
  /** The node that saw it; missing in what an earlier version kept, which had only one. */
  readonly node?: string
}

/** A device as one of its members sees it. */
export interface Membership {
  readonly device: Device
  readonly role: DeviceRole
}

/** An account with a grant on a device. */
export interface Member {
  readonly userId: string
  readonly role: DeviceRole
}

/** A member as the owner sees it. */
export interface NamedMember extends Member {
  readonly username: string
  /** Since when it has been a member, in any role. */
  readonly sinceMs: number
}

/** A device as it is stored. */
export interface DeviceRecord extends Device, DeviceCredentials {
  /** See {@link DeviceStore.tenures}. */
  readonly tenure: string
}

/** A device has been released: nobody owns it. */
export interface Release {
  readonly members: readonly Member[]
  /** The tenure that begins. */
  readonly tenure: string
}

/** A membership has ended. `ownerId` is undefined when the owner's account is gone. */
export interface Removal {
  readonly ownerId: string | undefined
}

/** Devices, members and presence. Implemented by src/store. */
export interface DeviceStore {
  /** False when the id is taken. */
  createDevice(device: Device, credentials: DeviceCredentials): Promise<boolean>
  deviceById(id: string): Promise<DeviceRecord | undefined>
  /** The devices that exist, by id, in one query. */
  devicesById(ids: readonly string[]): Promise<Map<string, Device & DeviceCredentials>>
  listDevices(): Promise<Device[]>
  /** At most `atMost` devices, ordered by id, after `afterId`. */
  devicesAfter(afterId: string, atMost: number): Promise<Device[]>
  setDeviceDisabled(id: string, disabled: boolean): Promise<void>
  setCredentials(id: string, credentials: Partial<DeviceCredentials>): Promise<void>
  /** False, and nothing is done, when `ownerId` is not the owner. */
  renameDevice(id: string, ownerId: string, name: string): Promise<boolean>
  memberships(accountId: string): Promise<Membership[]>
  membersOf(deviceId: string): Promise<Member[]>
  /** Every member with its user name, in the order in which they became members; also those whose account is disabled. */
  namedMembersOf(deviceId: string): Promise<NamedMember[]>
  /** Makes the account the owner and voids the claim code, in one transaction; 'owned' when there is an owner already or the code is void. */
  claim(deviceId: string, accountId: string): Promise<'claimed' | 'owned'>
  /**
   * Makes the last claim code that was issued valid until `untilMs`, in one transaction; null when it is valid anyway, until it is used. 'no-label' for a
   * device whose code an earlier version of the program deleted.
   */
  offer(deviceId: string, untilMs: number): Promise<{ readonly untilMs: number | null } | 'owned' | 'no-label'>
  /**
   * Removes every member and invitation, the history and the claim code, gives the device the name `name` again, and begins another tenure, in one
   * transaction. Undefined, and nothing is done, when `ownerId` is not the owner.
   */
  release(deviceId: string, ownerId: string, name: string): Promise<Release | undefined>
  /**
   * A tenure is the time of a device from one release to the next; its name is never used again. What was reported under one tenure is never shown under
   * another. Empty for a device that an earlier version of the program added and that was not released since there are tenures.
   */
  tenures(): Promise<Map<string, string>>
  /**
   * Ends the membership of `userId` because `byUserId` says so, in one transaction. When the owner does it, the device's open invitations are void too.
   * 'not-member' when either is no member; 'not-owner' when `byUserId` may not do it; 'owner' when it is the owner's own: an owner releases a device, and
   * never leaves it without one.
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
  /** Writes all of them, by device id, in one transaction; devices that do not exist are skipped. */
  savePresences(presences: ReadonlyMap<string, KeptPresence>): Promise<void>
  /** The states that an earlier version of the program kept here. */
  earlierStates(): Promise<Map<string, JsonObject>>
  /** To be called when they are kept elsewhere. */
  dropEarlierStates(): Promise<void>
}
