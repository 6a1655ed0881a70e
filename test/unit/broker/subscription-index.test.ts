import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSubscriptionIndex } from '../../../src/broker/sessions/subscription-index.ts'
import { matchesFilter } from '../../../src/protocol/topic-filter.ts'
import { anyFilter, anyTopic } from '../../support/arbitraries.ts'

const holder = fc.constantFrom('x', 'y', 'z')

test('the index finds each holder once, exactly when one of its filters matches, through any adding and removing', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), anyFilter, holder), { maxLength: 30 }), anyTopic, (steps, name) => {
      const index = createSubscriptionIndex<string>()
      const model = new Map<string, Set<string>>()
      for (const [adding, pattern, who] of steps) {
        const filters = model.get(who) ?? new Set()
        model.set(who, filters)
        if (adding) {
          index.add(pattern, who)
          filters.add(pattern)
        } else {
          index.remove(pattern, who)
          filters.delete(pattern)
        }
        const expected = [...model]
          .filter(([, filters]) => [...filters].some(one => matchesFilter(one, name)))
          .map(([holding]) => holding)
        expect([...index.match(name)].sort()).toEqual(expected.sort())
      }
    }),
    { numRuns: 5000 },
  )
})
