import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AskedFilters } from '../../../src/broker/sessions/asked-filters.ts'
import { matchesFilter } from '../../../src/protocol/topic-filter.ts'
import { topics } from '../../../src/protocol/topics.ts'

const level = fc.constantFrom('auth', 'login', 'me', 'denied', '+')
const own = fc
  .tuple(
    fc.constantFrom('reply/c', 'notify/c', 'devices/c', 'reply/c2'),
    fc.array(level, { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([root, levels, isOpen]) => [root, ...levels, ...(isOpen ? ['#'] : [])].join('/'))
const change = fc.record({ filter: own, isAdded: fc.boolean() })
const topic = fc.constantFrom(
  topics.reply('c', 'auth/login'),
  topics.reply('c', 'me'),
  topics.reply('c', 'ops/user/disable'),
  topics.notify('c', 'denied'),
  topics.notify('c', 'devices'),
)

it('a reply or a notification is heard exactly when a filter that is still there matches it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), topic, (changes, sent) => {
      const asked = new AskedFilters<0 | 1>('c')
      for (const { filter, isAdded } of changes) {
        if (isAdded) asked.set(filter, 0)
        else asked.delete(filter)
      }
      expect(asked.hears(sent)).toBe([...asked.keys()].some(filter => matchesFilter(filter, sent)))
    }),
    { numRuns: 500 },
  )
})

it('ten thousand filters make an answer no dearer', () => {
  const asked = new AskedFilters<0 | 1>('c')
  for (let i = 0; i < 10_000; i++) asked.set(`reply/c/x${i}/+`, 1)
  const startedAtMs = performance.now()
  const heard = Array.from({ length: 10_000 }, (_, i) => asked.hears(topics.reply('c', `y${i}/z`)))
  expect(performance.now() - startedAtMs).toBeLessThan(1000) // a walk over the filters takes a minute
  expect(heard).not.toContain(true)
  expect(asked.hears('reply/c/x9999/z')).toBe(true)
})

it("nothing of another client's topics is received, whatever was subscribed to", () => {
  const asked = new AskedFilters<0 | 1>('a')
  for (const filter of ['reply/a/#', 'notify/a/#', 'app/#', '#']) asked.set(filter, 0)
  expect(asked.hears(topics.notify('b', 'denied'))).toBe(false)
  expect(asked.hears(topics.reply('ab', 'auth/login'))).toBe(false)
})
