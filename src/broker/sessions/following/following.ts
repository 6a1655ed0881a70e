import type { Principal } from '../../../domain/principal.ts'
import type { SubscriptionOptions } from '../reader.ts'
import type { IndexedSubscriptions, SessionReader, SessionSubscription } from '../session.ts'
import { derivedFilters } from './derived-filters.ts'

/** * Brings the derived filters of a reader in step with what `principal` may see; without a principal there are none. Returns the new subscriptions. */
export function rederive(
  index: IndexedSubscriptions,
  reader: SessionReader,
  principal: Principal | undefined,
): readonly SessionSubscription[] {
  const { derived } = reader
  if (reader.followed.size === 0 && derived.size === 0) return []
  const wanted = derivedFilters(principal, reader.followed)
  const gone: SessionSubscription[] = []
  for (const [filter, subscription] of derived) {
    if (isSame(wanted.get(filter), subscription)) continue
    gone.push(subscription)
    derived.delete(filter)
  }
  const added: SessionSubscription[] = []
  for (const [filter, options] of wanted) {
    if (derived.has(filter)) continue
    const subscription = { reader, filter, ...options }
    derived.set(filter, subscription)
    index.add(subscription)
    added.push(subscription)
  }
  for (const subscription of gone) index.remove(subscription) // last, so that a filter that only has other options now is not interrupted
  return added
}

/** The subscriptions for which some of a reader's followed filters stand, each once. */
export function standingFor(
  { followed, derived }: SessionReader,
  principal: Principal,
  filters: readonly string[],
): readonly SessionSubscription[] {
  const options = filters.flatMap(filter => {
    const asked = followed.get(filter)
    return asked ? [[filter, asked] as const] : []
  })
  return [...derivedFilters(principal, new Map(options)).keys()].flatMap(name => derived.get(name) ?? [])
}

const isSame = (
  wanted: SubscriptionOptions | undefined,
  { qos, noLocal, retainAsPublished, identifier }: SessionSubscription,
): boolean =>
  wanted?.qos === qos &&
  wanted.noLocal === noLocal &&
  wanted.retainAsPublished === retainAsPublished &&
  wanted.identifier === identifier
