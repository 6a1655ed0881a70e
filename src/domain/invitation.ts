import type { DeviceRole } from '../protocol/operations/device.ts'
import type { Membership } from './device.ts'

/** The id under which an invitation is listed. */
export const invitationIdOf = (hash: string): string => hash.slice(0, 16)

/** An offer of a role on a device that nobody has accepted yet. */
export interface Invitation {
  /** SHA-256 of its text, in hex; the text itself is kept nowhere. */
  readonly hash: string
  readonly deviceId: string
  /** The owner who gives it. It is void while that account is disabled, and for good when they do not own the device any more. */
  readonly ownerId: string
  readonly role: DeviceRole
  readonly expiresAtMs: number
}

/** An invitation that is open, as its owner sees it. */
export interface OpenInvitation {
  /** The first characters of its hash: enough to name it, too few to accept it with. */
  readonly id: string
  readonly role: DeviceRole
  readonly expiresAtMs: number
}

/** What an invitation says to anybody who has it. */
export interface Offer extends Membership {
  /** The owner's user name. */
  readonly inviter: string
  readonly expiresAtMs: number
}

/** An accepted invitation. */
export interface Acceptance {
  /** The role that the accepting user has now. */
  readonly membership: Membership
  /** Who gave it: the owner or, when the role is `owner`, the former owner, who is no member any more. */
  readonly giverId: string
}

/** Open invitations. Implemented by src/store. Each method is one transaction; it may reject with a fault of the database. */
export interface InvitationStore {
  /**
   * 'not-member' or 'not-owner' when `ownerId` may not give it. When the device has `most` open ones already, `fullUntilMs` says when the first of them
   * expires.
   */
  invite(
    invitation: Invitation,
    most: number,
  ): Promise<'invited' | 'not-member' | 'not-owner' | { readonly fullUntilMs: number }>
  /**
   * Uses the invitation up and gives its role to `userId`, whatever they had; role `owner` removes the former owner and voids every other
   * invitation of the device. 'void' when it is unknown, used, expired or its giver may not give any more; 'own', and nothing is used up,
   * when `userId` owns the device.
   */
  accept(hash: string, userId: string): Promise<Acceptance | 'void' | 'own'>
  /** What it says; undefined when {@link accept} would answer 'void'. */
  read(hash: string): Promise<Offer | undefined>
  /** The open invitations to a device, those that end first first. */
  openOf(deviceId: string): Promise<OpenInvitation[]>
  /** Voids one by its `id`, only for the owner; 'unknown' when it is not open. */
  withdraw(deviceId: string, ownerId: string, id: string): Promise<'withdrawn' | 'unknown' | 'not-member' | 'not-owner'>
}
