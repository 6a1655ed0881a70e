import assert from 'node:assert'
import abstractTests from 'aedes-persistence/abstract.js'
import { expect, test } from 'vitest'
import { createMemoryStore } from '../../support/memory-store.ts'

/** Counts assertions, so that a test that plans them cannot end early. */
function countingAssert(count: () => void) {
  return new Proxy(assert, {
    get(target, name) {
      const check: unknown = Reflect.get(target, name)
      if (typeof check !== 'function') return check
      return (...values: unknown[]) => {
        count()
        check(...values)
      }
    },
  })
}

abstractTests({
  testAsync: true,
  persistence: async () => createMemoryStore(),
  test: (name, run) =>
    test(name, async () => {
      let done = 0
      let planned: number | undefined
      await run({
        assert: countingAssert(() => done++),
        plan: assertions => {
          planned = assertions
        },
        diagnostic: () => {},
      })
      if (planned !== undefined) expect(done).toBe(planned)
    }),
})
