import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { AccountStore } from '../../domain/account.ts'
import type { Clock } from '../../domain/request.ts'
import type { Tables } from '../tables.ts'

/** The part of {@link AccountStore} that links WeChat users to accounts. */
export function createWechatLinkStore(
  db: Kysely<Tables>,
  now: Clock,
): Pick<AccountStore, 'linkWechat' | 'wechatLinksOf' | 'unlinkWechat'> {
  const linksOf = (accountId: string) =>
    db
      .selectFrom('wechat_link')
      .select(['wechat_id', 'linked_at_ms'])
      .where('account_id', '=', accountId)
      .orderBy('linked_at_ms')
      .execute()

  return {
    async linkWechat(wechatId, accountId, passwordHash) {
      // In one statement, so that of two simultaneous links the second learns of the first, and a change of the password finds every earlier link.
      const holder = await db
        .insertInto('wechat_link')
        .columns(['wechat_id', 'account_id', 'linked_at_ms'])
        .expression(({ selectFrom, val }) =>
          selectFrom('account')
            .select([val(wechatId).as('wechat_id'), 'id', val(now()).as('linked_at_ms')])
            .where('id', '=', accountId)
            .where('password_hash', '=', passwordHash),
        )
        .onConflict(conflict =>
          conflict.column('wechat_id').doUpdateSet(link => ({ wechat_id: link.ref('excluded.wechat_id') })),
        )
        .returning('account_id')
        .executeTakeFirst()
      if (!holder) return 'not-any-more'
      return holder.account_id === accountId ? 'linked' : 'linked-elsewhere'
    },

    async wechatLinksOf(accountId) {
      const links = await linksOf(accountId)
      return links.map(link => ({ id: linkIdOf(link.wechat_id), linkedAtMs: link.linked_at_ms }))
    },

    async unlinkWechat(accountId, linkId) {
      const links = await linksOf(accountId)
      const ended = links.map(link => link.wechat_id).filter(id => linkId === undefined || linkIdOf(id) === linkId)
      if (ended.length > 0) await db.deleteFrom('wechat_link').where('wechat_id', 'in', ended).execute()
      return ended.length > 0
    },
  }
}

/** Nobody is shown the keyed hash that is kept of a WeChat user. */
const linkIdOf = (wechatId: string): string => createHash('sha256').update(wechatId).digest('hex').slice(0, 16)
