import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { matchesFilter } from '../../../src/protocol/topic-filter.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { retainedOf } from '../../support/retained-of.ts'
import { retain } from '../../support/store-steps.ts'

const level = fc.constantFrom('a', 'b', 'ab', '', '$x', 'a b', '%', '_', 'é')
const topic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map(levels => levels.join('/'))
  .filter(text => text !== '')
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.boolean())
  .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
  .filter(text => text !== '')

test('a filter finds exactly the retained messages whose topics it matches', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(topic, { maxLength: 20 }), filter, async (topics, wanted) => {
      const store = createMemoryStore()
      for (const name of topics) await retain(store, { topic: name, payload: 'x', qos: 0, retain: true })
      const found = await retainedOf(store, wanted)
      expect(found.map(message => message.topic).sort()).toEqual(
        topics.filter(name => name === wanted || matchesFilter(wanted, name)).sort(),
      )
      await store.close()
    }),
    { numRuns: 300 },
  )
})

test('a wildcard finds more than fit one turn, in pages', async () => {
  const store = createMemoryStore()
  for (let i = 0; i < 1000; i++) await retain(store, { topic: `app/${i}`, payload: 'x', qos: 0, retain: true })
  expect((await store.retained.topicsOf('app/+')).topics.length).toBeLessThan(1000)
  expect(await retainedOf(store, 'app/+')).toHaveLength(1000)
})

test('an exact filter and one that begins with a literal use the index, whatever is retained', () => {
  const sqlite = new Database(':memory:')
  openMqttStore(sqlite, { queue: { maxMessages: 1, maxBytes: 1 } })
  const planOf = (where: string) =>
    sqlite
      .prepare<[], { detail: string }>(`explain query plan select topic from retained where ${where}`)
      .all()
      .map(({ detail }) => detail)
      .join()
  expect(planOf("topic = 'x'")).toContain('SEARCH')
  expect(planOf("topic > 'x' and topic < 'y' order by topic limit 1")).toMatch(/SEARCH(?!.*TEMP B-TREE)/)
})
