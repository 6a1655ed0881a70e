import type { StoredSubscription } from '../domain/mqtt-store.ts'
import { createSubscriptionIndex } from '../domain/subscription-index.ts'
import type { Database } from '../sqlite/sqlite.ts'
import type { GroupCommit } from './group-commit.ts'

interface Row {
  readonly client: string
  readonly filter: string
  readonly qos: 0 | 1 | 2
  readonly options: string
}

/**
 * The subscriptions of stored sessions. Those at QoS 1 and 2 also stand in an index in memory, which follows each commit: what is
 * subscribed counts from the moment it is kept.
 */
export function createStoredSubscriptions(sqlite: Database, { afterCommit }: GroupCommit) {
  const put = sqlite.prepare<[string, string, number, string]>(
    'insert into subscriptions values (?, ?, ?, ?) on conflict do update set qos = excluded.qos, options = excluded.options',
  )
  const remove = sqlite.prepare<[string, string]>('delete from subscriptions where client = ? and filter = ?')
  const byClient = sqlite.prepare<[string], Row>('select * from subscriptions where client = ?')
  const byFilter = sqlite.prepare<[string], string>('select client from subscriptions where filter = ?').pluck()
  const all = sqlite.prepare<[], Row>('select * from subscriptions where qos > 0')
  const countClients = sqlite.prepare<[], number>('select count(distinct client) from subscriptions').pluck()

  const index = createSubscriptionIndex<StoredSubscription>()
  const indexed = new Map<string, Map<string, StoredSubscription>>()

  function unindex(clientId: string, filter: string): void {
    const ofClient = indexed.get(clientId)
    const known = ofClient?.get(filter)
    if (!ofClient || !known) return
    index.remove(filter, known)
    ofClient.delete(filter)
    if (ofClient.size === 0) indexed.delete(clientId)
  }

  function indexRow({ client, filter, qos, options }: Row): void {
    unindex(client, filter)
    if (qos === 0) return
    const subscription = { clientId: client, topic: filter, qos, ...JSON.parse(options) }
    const ofClient = indexed.get(client) ?? new Map<string, StoredSubscription>()
    indexed.set(client, ofClient.set(filter, subscription))
    index.add(filter, subscription)
  }

  for (const row of all.iterate()) indexRow(row)

  function removeAll(clientId: string, filters: readonly string[]): void {
    for (const filter of filters) {
      remove.run(clientId, filter)
      afterCommit(() => unindex(clientId, filter))
    }
  }

  return {
    add(clientId: string, subscriptions: readonly StoredSubscription[]): void {
      for (const { topic, qos, clientId: _owner, ...options } of subscriptions) {
        const row: Row = { client: clientId, filter: topic, qos, options: JSON.stringify(options) }
        put.run(row.client, row.filter, row.qos, row.options)
        afterCommit(() => indexRow(row))
      }
    },
    remove: removeAll,
    clean: (clientId: string) =>
      removeAll(
        clientId,
        byClient.all(clientId).map(({ filter }) => filter),
      ),
    ofClient: (clientId: string): StoredSubscription[] =>
      byClient.all(clientId).map(({ filter, qos, options }) => ({ topic: filter, qos, ...JSON.parse(options) })),
    matching: (topic: string): StoredSubscription[] => [...index.match(topic)],
    clientsOf: (filter: string): string[] => byFilter.all(filter),
    count: () => ({
      subsCount: [...indexed.values()].reduce((total, { size }) => total + size, 0),
      clientsCount: countClients.get() ?? 0,
    }),
  }
}
