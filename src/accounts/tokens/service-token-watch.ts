import type { AccountStore } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import { firstWarningMs, warningDueMs } from '../../domain/token-warnings.ts'

const hourMs = 3_600_000
const maxTold = 1000

/** Announces 'service-token-ending' for each token of a service that expires soon: at the start, and 14, 3 and 1 days before it does, at most an hour late. */
export function startServiceTokenWatch(parts: {
  readonly store: Pick<AccountStore, 'serviceTokensEnding'>
  readonly events: Events
  readonly now: Clock
}): { stop(): void } {
  const { store, events, now } = parts
  let told = new Map<string, number>()

  async function look(): Promise<void> {
    const nowMs = now()
    const ending = await store.serviceTokensEnding(nowMs, nowMs + firstWarningMs, maxTold)
    const due = ending.map(record => ({ ...record, dueMs: warningDueMs(record.expiresAtMs - nowMs) ?? firstWarningMs }))
    for (const { id: tokenId, subject: name, expiresAtMs, dueMs } of due)
      if (told.get(tokenId) !== dueMs) events.emit('service-token-ending', { name, tokenId, expiresAtMs })
    told = new Map(due.map(({ id, dueMs }) => [id, dueMs]))
  }
  const lookOrSay = () =>
    void look().catch((cause: unknown) => void events.emit('fault', { where: 'looking for tokens that end', cause }))

  lookOrSay()
  const timer = setInterval(lookOrSay, hourMs).unref()
  return { stop: () => clearInterval(timer) }
}
