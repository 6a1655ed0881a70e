import type { Locale } from '../../../src/protocol/codes.ts'
import { phrases } from '../texts/phrases.ts'
import { textsIn } from '../texts/texts-in.ts'
import type { Member } from './devices.ts'
import { day } from './times.ts'

/** A member as a row, ready for `setData`. */
export interface MemberRow {
  readonly userId: string
  readonly username: string
  /** The person who looks. */
  readonly isMe: boolean
  readonly roleText: string
  readonly sinceText: string
}

export const memberRow = (
  { userId, username, role, since }: Member,
  myUserId: string | undefined,
  locale: Locale,
): MemberRow => ({
  userId,
  username,
  isMe: userId === myUserId,
  roleText: textsIn(locale).common[role],
  sinceText: phrases[locale].memberSince(day(since)),
})
