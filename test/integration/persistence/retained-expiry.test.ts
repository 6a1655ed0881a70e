import { expect, test } from 'vitest'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { createAsynchronousStore } from '../../support/asynchronous-store.ts'
import { retain, retainedOn } from '../../support/store-steps.ts'

const bounds = { queue: { maxMessages: 10, maxBytes: 1e6 }, retained: { maxMessages: 1, maxBytes: 1e6 } }
const stores = [
  ['SQLite', () => openMqttStore(new Database(':memory:'), bounds)],
  ['an asynchronous store', () => createAsynchronousStore(bounds)],
] as const

test.each(stores)(
  '%s removes what is retained when its time is over, and nothing that has come in its place',
  async (_name, open) => {
    const store = open()
    const message = { topic: 'app/a', payload: Buffer.from('x'), qos: 1, retain: true, expiresAtMs: 1000 } as const
    await retain(store, message, 'service:s')
    expect(await store.retained.expired(999)).toEqual([])
    expect(await store.retained.expired(1000)).toEqual(['app/a'])
    expect(await retainedOn(store, 'app/a')).toMatchObject({ expiresAtMs: 1000 })

    await retain(store, { ...message, expiresAtMs: 2000 }, 'service:s')
    await store.commit([{ kind: 'retained-expired', topic: 'app/a', atMs: 1000 }])
    expect(await retainedOn(store, 'app/a')).toMatchObject({ expiresAtMs: 2000 })

    await store.commit([{ kind: 'retained-expired', topic: 'app/a', atMs: 2000 }])
    expect(await retainedOn(store, 'app/a')).toBeUndefined()
    const [outcome] = await retain(store, { ...message, topic: 'app/b' }, 'service:s')
    expect(outcome?.refused).toBeUndefined() // it counts for its owner no more
    await store.close()
  },
)
