import type { DataOf } from '../../../src/protocol/operations.ts'
import type { Failure, Result } from './failure.ts'
import type { Session } from './session.ts'

type Days = DataOf<'account/history'>['days']

/** Everything that is kept about an account, with what its devices recorded by the day. */
export type Exported = DataOf<'account/export'> & { readonly history: Days }

interface Options {
  readonly session: Pick<Session, 'request'>
  /** Called with how many days of properties have come so far. */
  readonly progress: (days: number) => void
  /** Returns false when nobody waits for it any more. */
  readonly isWanted: () => boolean
  readonly wait?: (seconds: number) => Promise<void>
}

const sleep = (seconds: number) => new Promise<void>(resolve => setTimeout(resolve, seconds * 1000))

/** Asks for the account, then for its history page by page. When the broker says to wait, it waits as long as that. A refusal or a lost connection ends it. */
export async function exportAccount({ session, progress, isWanted, wait = sleep }: Options): Promise<Result<Exported>> {
  const account = await session.request('account/export', {})
  if (!account.ok) return account
  const history: Days = []
  for (let after: string | undefined; ; ) {
    const page = await session.request('account/history', after === undefined ? {} : { after })
    if (!isWanted()) return stopped
    if (page.ok) {
      history.push(...page.data.days)
      progress(history.length)
      after = page.data.next
      if (after === undefined) return { ok: true, data: { ...account.data, history } }
    } else if (page.code === 4029) await wait(page.retryAfter ?? 1)
    else return page
    if (!isWanted()) return stopped
  }
}

const stopped: Failure & { readonly ok: false } = { ok: false, code: 'offline' }
