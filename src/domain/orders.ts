import type { DeviceRole } from '../protocol/operations/device.ts'
import type { Origin } from './origin.ts'

/**
 * What has happened and must be obeyed on every node before it delivers anything more; facts that nobody has to act on are {@link Facts}. All of it is
 * plain data, so that a bus can carry it.
 */
export interface OrderKinds {
  /** A user may do something else with a device from now on; null: nothing any more. Open sessions follow at once. */
  'grant-changed': { readonly userId: string; readonly deviceId: string; readonly role: DeviceRole | null }
  /** Something that this user may list changed besides their own grants: a name, or who has the device they own. */
  'device-changed': { readonly userId: string; readonly deviceId: string }
  /** Another WeChat user signs in to the account from now on: its other sessions are told. */
  'wechat-linked': Origin & { readonly userId: string }
  /** One token is void, with all of its family when it has one. */
  'token-revoked': { readonly tokenId: string; readonly familyId?: string; readonly reason: string }
  /** Every token of the account is void but the one named `exceptTokenId`. */
  'account-signed-out': { readonly userId: string; readonly reason: string; readonly exceptTokenId?: string }
  /** Every session of the device ends: an operator disabled it, or gave it another secret. */
  'device-barred': { readonly deviceId: string; readonly reason: string }
  /** A device got its secret by enrolling; sessions that came with an earlier one end. */
  'device-enrolled': Origin & { readonly deviceId: string; readonly type: string }
  /** The device is registered: messages of it and to it pass. */
  'device-added': { readonly deviceId: string; readonly type: string }
  /** Nobody owns the device any more; `tenure` is its next one. What is remembered of the last one goes. */
  'device-released': { readonly deviceId: string; readonly userId: string; readonly tenure: string }
  /** No connection of that network is let in until then. */
  'address-blocked': Network & { readonly untilMs: number }
  'address-unblocked': Network
  /** Every connection of that network closes, signed in or not. */
  'network-closed': { readonly network: string }
  /** The accounts' database was changed by another process (the command line): open sessions are checked again. */
  'store-changed-elsewhere': object
}

/** A network as operators block it: an address or a prefix in its one spelling, `bits` long. */
interface Network {
  readonly network: string
  readonly family: 'ipv4' | 'ipv6'
  readonly bits: number
}

export type OrderKind = keyof OrderKinds

/** What is done about orders of some kinds. */
export type Obeyed = { readonly [Kind in OrderKind]?: (order: OrderKinds[Kind]) => void }

/** Through which orders are given and obeyed. Implemented by src/bus. */
export interface Orders {
  /**
   * Announces an order as an event and has it obeyed: on this node when it returns, on every node when it resolves. Never rejects: a node that cannot be
   * told delivers nothing any more. A request that has changed rights is answered afterwards.
   */
  give<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): Promise<void>
  /** Hands every order of these kinds over, wherever it was given. What is thrown is announced as a 'fault', and others obey all the same. */
  obey(obeyed: Obeyed): void
}
