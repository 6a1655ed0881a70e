import type { Locale } from '../../../src/protocol/codes.ts'
import { phrases } from '../texts/phrases.ts'
import { textsIn } from '../texts/texts-in.ts'
import type { Member, OpenInvitation } from './devices.ts'
import { day, dayAndTime } from './times.ts'

/** A member as a row, ready for `setData`. */
export interface MemberRow {
  readonly userId: string
  readonly username: string
  /** True for the person who looks. */
  readonly isMe: boolean
  readonly roleText: string
  readonly sinceText: string
  /** The index in {@link memberRoles}; -1 for the owner. */
  readonly role: number
  /** True while the shown role is the new one, which the broker has not confirmed yet. */
  readonly isWished: boolean
}

/** The roles that a member can be given in place. */
export const memberRoles = ['controller', 'viewer'] as const

/** An open invitation as a row. */
export interface InvitationRow {
  readonly id: string
  readonly roleText: string
  readonly untilText: string
}

export const invitationRow = ({ invitationId, role, expiresAt }: OpenInvitation, locale: Locale): InvitationRow => ({
  id: invitationId,
  roleText: role === 'owner' ? textsIn(locale).share.handOver : textsIn(locale).common[role],
  untilText: phrases[locale].invitationOpenUntil(dayAndTime(expiresAt)),
})

export const memberRow = (
  { userId, username, role: known, since }: Member,
  myUserId: string | undefined,
  locale: Locale,
  wished?: Member['role'],
): MemberRow => {
  const role = wished ?? known
  return {
    userId,
    username,
    isMe: userId === myUserId,
    roleText: textsIn(locale).common[role],
    role: role === 'owner' ? -1 : memberRoles.indexOf(role),
    isWished: wished !== undefined,
    sinceText: phrases[locale].memberSince(day(since)),
  }
}
