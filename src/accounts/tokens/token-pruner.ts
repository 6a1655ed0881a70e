import type { AccountStore } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import { type Pruning, startPruning } from '../../turns/start-pruning.ts'

interface Options {
  readonly store: Pick<AccountStore, 'pruneTokens'>
  readonly events: Events
  readonly now: Clock
  /** 30 s when not given. */
  readonly firstPassAfterMs?: number
}

/** Forgets tokens that have expired. */
export const startTokenPruner = ({ store, events, now, firstPassAfterMs = 30_000 }: Options): Pruning =>
  startPruning({
    prune: atMost => store.pruneTokens(now(), atMost),
    onFault: cause => void events.emit('fault', { where: 'pruning tokens', cause }),
    firstPassAfterMs,
  })
