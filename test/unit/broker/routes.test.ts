import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRoutes } from '../../../src/broker/router/routes.ts'
import { createTurns } from '../../../src/broker/router/turns.ts'
import { Reader, type SubscriptionOptions } from '../../../src/broker/sessions/reader.ts'
import type { Session, SessionSubscription } from '../../../src/broker/sessions/session.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { anyFilter, anyTopic } from '../../support/arbitraries.ts'

/** Section 4.7 of MQTT 3.1.1 once more, as a regular expression. */
function isMatch(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const pattern = filter
    .replace(/[$]/g, '\\$&')
    .replace(/(^|\/)#$/, (_all, slash) => (slash ? '(/.*)?' : '.*'))
    .replace(/(?<=^|\/)\+(?=$|[/(])/g, '[^/]*')
  return new RegExp(`^${pattern}$`, 's').test(topic)
}

const readers = ['clean-1', 'clean-2', 'stored-1', 'stored-2']
const anyReader = fc.constantFrom(...readers)
const anyOptions: fc.Arbitrary<SubscriptionOptions> = fc
  .record({ qos: fc.constantFrom(0, 1, 2), noLocal: fc.boolean(), retainAsPublished: fc.boolean() })
  .map(({ qos, noLocal, retainAsPublished }) => ({
    qos,
    ...(noLocal && { noLocal }),
    ...(retainAsPublished && { retainAsPublished }),
  }))
/** By what of a reader's a filter stands in the index: it was subscribed, or a followed one stands for it. */
const anyBook = fc.constantFrom('asked', 'derived')
const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      who: anyReader,
      book: anyBook,
      filter: anyFilter,
      options: anyOptions,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('unsubscribe' as const),
      who: anyReader,
      book: anyBook,
      filter: anyFilter,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('disconnect' as const, 'end' as const), who: anyReader }) },
)

interface Entry {
  readonly who: string
  readonly book: string
  readonly filter: string
  readonly options: SubscriptionOptions
}

/** What a plain list of all subscriptions comes to, a reader. */
function expectedOf(entries: readonly Entry[], topic: string) {
  return readers.flatMap(who => {
    const found = entries
      .filter(entry => entry.who === who && isMatch(entry.filter, topic))
      .map(({ options }) => options)
    if (found.length === 0) return []
    return {
      who,
      qos: Math.max(...found.map(({ qos }) => qos)),
      noLocal: found.every(({ noLocal }) => noLocal === true),
      retainAsPublished: found.some(({ retainAsPublished }) => retainAsPublished === true),
    }
  })
}

test('the index of routes finds whom a plain list of subscriptions finds, through any coming and going', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 40 }),
      fc.array(anyTopic, { minLength: 3, maxLength: 3 }),
      (steps, topics) => {
        const routes = createRoutes(createTurns(), localBus)
        const known = new Map(readers.map(who => [who, new Reader<Session>(who, who.startsWith('stored'))]))
        const indexed = new Map<Entry, SessionSubscription>()

        const foundOn = (topic: string) =>
          routes
            .of(topic)
            .map(({ reader, ...route }) => ({ who: reader.clientId, ...route }))
            .sort((a, b) => (a.who < b.who ? -1 : 1))
        const agree = (topic: string) => expect(foundOn(topic)).toEqual(expectedOf([...indexed.keys()], topic))
        function removeWhere(matches: (entry: Entry) => boolean): void {
          for (const [entry, subscription] of indexed) {
            if (!matches(entry)) continue
            routes.remove(subscription)
            indexed.delete(entry)
          }
        }

        for (const step of steps) {
          const reader = known.get(step.who)
          if (!reader) continue
          if (step.kind === 'end' || (step.kind === 'disconnect' && !reader.isStored)) {
            removeWhere(({ who }) => who === step.who)
            known.set(step.who, new Reader(step.who, reader.isStored)) // who comes by this id next is another
          } else if (step.kind === 'subscribe' || step.kind === 'unsubscribe') {
            const { who, book, filter } = step
            removeWhere(entry => entry.who === who && entry.book === book && entry.filter === filter)
            if (step.kind === 'subscribe') {
              const subscription = { reader, filter, ...step.options }
              routes.add(subscription)
              indexed.set({ who, book, filter, options: step.options }, subscription)
            }
          }
          for (const topic of topics) agree(topic) // the same each time: what is remembered of one is no older
        }
      },
    ),
    { numRuns: 1000 },
  )
})
