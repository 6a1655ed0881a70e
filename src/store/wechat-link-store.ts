import type { Kysely } from 'kysely'
import type { AccountStore } from '../domain/account.ts'
import type { Clock } from '../domain/request.ts'
import type { Tables } from './tables.ts'

/** The part of {@link AccountStore} that says which WeChat users belong to which account. */
export function createWechatLinkStore(
  db: Kysely<Tables>,
  now: Clock,
): Pick<AccountStore, 'linkWechat' | 'unlinkWechat'> {
  return {
    async linkWechat(wechatId, accountId) {
      // One statement, so that of two at once the second learns who came first.
      const holder = await db
        .insertInto('wechat_link')
        .values({ wechat_id: wechatId, account_id: accountId, linked_at_ms: now() })
        .onConflict(conflict =>
          conflict.column('wechat_id').doUpdateSet(link => ({ wechat_id: link.ref('excluded.wechat_id') })),
        )
        .returning('account_id')
        .executeTakeFirstOrThrow()
      return holder.account_id === accountId ? 'linked' : 'linked-elsewhere'
    },

    async unlinkWechat(accountId) {
      await db.deleteFrom('wechat_link').where('account_id', '=', accountId).execute()
    },
  }
}
