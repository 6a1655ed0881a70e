import { expect, test } from 'vitest'
import { encodeMessage } from '../../../src/persistence/message-codec.ts'
import { prepareSchema } from '../../../src/persistence/mqtt-schema.ts'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'

const queue = { maxMessages: 10, maxBytes: 1e6 }
const retained = { topic: 'app/a', payload: Buffer.from('x'), qos: 1, retain: true } as const
const owner = { kind: 'device', deviceId: 'd1', type: 'lamp' } as const

/** A file as the first release made it, with a session and a retained message in it. */
function fileOfVersion1() {
  const sqlite = new Database(':memory:')
  prepareSchema(sqlite)
  sqlite.exec(`
    alter table sessions drop column away_since;
    alter table retained drop column owner;
    alter table retained drop column size;
    drop table retained_owners;
  `)
  sqlite.prepare('insert into sessions values (?, ?, 0)').run('c1', JSON.stringify(owner))
  sqlite.prepare('insert into retained values (?, ?)').run('app/a', encodeMessage(retained))
  sqlite.pragma('user_version = 1')
  return sqlite
}

test('a file of the first version is brought up to date, with what is in it', async () => {
  const sqlite = fileOfVersion1()
  const store = openMqttStore(sqlite, { queue, retained: { maxMessages: 1, maxBytes: 1e6 } })
  expect(await store.keptSessions()).toEqual([{ clientId: 'c1', owner, suspended: false }])
  await store.keepSession({ clientId: 'c1', owner, suspended: false, awaySinceMs: 7 })
  expect(await store.keptSessions()).toEqual([{ clientId: 'c1', owner, suspended: false, awaySinceMs: 7 }])
  expect(await store.createRetainedStream('app/a').toArray()).toEqual([retained])
  await store.storeRetained({ ...retained, payload: Buffer.from('y') }, 'service:s')
  expect(store.hasRoomFor({ ...retained, topic: 'app/b' }, 'service:s')).toBe(false)
  prepareSchema(sqlite) // and again finds nothing to do
  await store.destroy()
})

test('a file that a newer program made is refused, and left as it is', () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('user_version = 99')
  expect(() => openMqttStore(sqlite, { queue })).toThrow('is of version 99, newer than this program knows')
  expect(sqlite.pragma('user_version', { simple: true })).toBe(99)
  sqlite.close()
})
