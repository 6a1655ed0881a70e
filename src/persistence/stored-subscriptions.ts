import type { StoredSubscription } from '../domain/mqtt-state/kept-sessions.ts'
import type { Database } from '../sqlite/sqlite.ts'

interface Row {
  readonly filter: string
  readonly qos: 0 | 1 | 2
  readonly options: string
}

const removedAtOnce = 256

/** The subscriptions of stored sessions. */
export function createStoredSubscriptions(sqlite: Database) {
  const put = sqlite.prepare<[string, string, number, string]>(
    'insert into subscriptions values (?, ?, ?, ?) on conflict do update set qos = excluded.qos, options = excluded.options',
  )
  const remove = sqlite.prepare<[string, string]>('delete from subscriptions where client = ? and filter = ?')
  const removeAll = sqlite.prepare<[string]>('delete from subscriptions where client = ?')
  const removeSome = sqlite.prepare<[string, string, number]>(
    'delete from subscriptions where client = ? and filter in (select filter from subscriptions where client = ? limit ?)',
  )
  const removeOrphans = sqlite.prepare('delete from subscriptions where client not in (select client from sessions)')
  const byClient = sqlite.prepare<[string], Row>('select filter, qos, options from subscriptions where client = ?')

  const setUnfed = sqlite.prepare<[string, string, string]>(
    "update subscriptions set options = json_set(options, '$.unfedAfter', ?) where client = ? and filter = ?",
  )
  const setFed = sqlite.prepare<[string, string]>(
    "update subscriptions set options = json_remove(options, '$.unfedAfter') where client = ? and filter = ?",
  )

  return {
    add(clientId: string, subscriptions: readonly StoredSubscription[]): void {
      for (const { topic, qos, ...options } of subscriptions) put.run(clientId, topic, qos, JSON.stringify(options))
    },
    remove(clientId: string, filters: readonly string[]): void {
      for (const filter of filters) remove.run(clientId, filter)
    },
    noteFed(clientId: string, filter: string, unfedAfter: string | undefined): void {
      if (unfedAfter === undefined) setFed.run(clientId, filter)
      else setUnfed.run(unfedAfter, clientId, filter)
    },
    /** Removes a portion of them; true when there may be more. */
    cleanSome: (clientId: string): boolean =>
      removeSome.run(clientId, clientId, removedAtOnce).changes === removedAtOnce,
    clean: (clientId: string) => void removeAll.run(clientId),
    /** Removes those of deleted sessions. */
    cleanOrphans: () => void removeOrphans.run(),
    ofClient: (clientId: string): StoredSubscription[] =>
      byClient.all(clientId).map(({ filter, qos, options }) => ({ topic: filter, qos, ...optionsOf(options) })),
  }
}

/** A file of an earlier version also holds other fields, which Aedes handed over. */
function optionsOf(text: string): Omit<StoredSubscription, 'topic' | 'qos'> {
  const { noLocal, retainAsPublished, identifier, unfedAfter } = JSON.parse(text)
  return {
    ...(noLocal === true && { noLocal }),
    ...(retainAsPublished === true && { retainAsPublished }),
    ...(typeof identifier === 'number' && { identifier }),
    ...(typeof unfedAfter === 'string' && { unfedAfter }),
  }
}
