import type { DeviceRole } from '../protocol/operations/device.ts'
import type { Origin } from './origin.ts'

/**
 * Events that every node must obey before it delivers anything more; events on which nobody has to act are {@link Facts}. Orders are plain data, so that a
 * bus can carry them.
 */
export interface OrderKinds {
  /** A user has another role on a device from now on; null: none any more. Open sessions follow at once. */
  'grant-changed': { readonly userId: string; readonly deviceId: string; readonly role: DeviceRole | null }
  /** Something in this user's lists has changed besides their own grants: a name, or the members of a device that they own. */
  'device-changed': { readonly userId: string; readonly deviceId: string }
  /** Another WeChat user signs in to the account from now on: its other sessions are told. */
  'wechat-linked': Origin & { readonly userId: string }
  /** One token is void, with its whole family when it has one. */
  'token-revoked': { readonly tokenId: string; readonly familyId?: string; readonly reason: string }
  /** Every token of the account is void, except the one named `exceptTokenId`. */
  'account-signed-out': { readonly userId: string; readonly reason: string; readonly exceptTokenId?: string }
  /** Every session of the device ends: an operator has disabled it, or given it another secret. */
  'device-barred': { readonly deviceId: string; readonly reason: string }
  /** A device got a secret by enrolling; sessions that connected with an earlier one end. */
  'device-enrolled': Origin & { readonly deviceId: string; readonly type: string }
  /** The device is registered: messages from it and to it may pass. */
  'device-added': { readonly deviceId: string; readonly type: string }
  /** Nobody owns the device any more; `tenure` is its next one. What is remembered of the last one is dropped. */
  'device-released': { readonly deviceId: string; readonly userId: string; readonly tenure: string }
  /** No connection from that network is let in until then. */
  'address-blocked': Network & { readonly untilMs: number }
  'address-unblocked': Network
  /** Every connection from that network closes, signed in or not. */
  'network-closed': { readonly network: string }
  /** Another process (the command line) has changed the accounts' database: open sessions are checked again. */
  'store-changed-elsewhere': object
}

/** A network as operators block it: an address or a prefix in its one spelling, `bits` long. */
interface Network {
  readonly network: string
  readonly family: 'ipv4' | 'ipv6'
  readonly bits: number
}

export type OrderKind = keyof OrderKinds

/** Handlers for some kinds of orders. */
export type Obeyed = { readonly [Kind in OrderKind]?: (order: OrderKinds[Kind]) => void }

/** Gives orders, and has them obeyed. Implemented by src/bus. */
export interface Orders {
  /**
   * Announces an order as an event and has it obeyed: on this node when it returns, on every node when it resolves. Never rejects: a node that cannot be
   * told does not deliver anything any more. A request that has changed rights is answered afterwards.
   */
  give<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): Promise<void>
  /** Hands every order of these kinds over, wherever it was given. What a handler throws is announced as a 'fault', and the others obey all the same. */
  obey(obeyed: Obeyed): void
}
