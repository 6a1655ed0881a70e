import type { TokenRecord } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { type Origin, originOf } from '../../domain/origin.ts'

/** Announces that a token was used after its successor, which means that two clients have it, and that its family is revoked. */
export function announceReuse(
  { events, orders }: { readonly events: Events; readonly orders: Orders },
  by: Origin,
  { id: tokenId, subject: userId, family }: TokenRecord,
): Promise<void> {
  events.emit('token-reused', { ...originOf(by), tokenId, userId })
  const ofFamily = family && { familyId: family.id }
  return orders.give('token-revoked', { tokenId, ...ofFamily, reason: 'token-reused' })
}
