import { expect, test } from 'vitest'
import { encodeMessage } from '../../../src/persistence/message-codec.ts'
import { prepareSchema } from '../../../src/persistence/mqtt-schema.ts'
import { openMqttStore } from '../../../src/persistence/open-mqtt-store.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { enqueue, retain, retainedOn, rowsOf } from '../../support/store-steps.ts'

const queue = { maxMessages: 10, maxBytes: 1e6 }
const retained = { topic: 'app/a', payload: Buffer.from('x'), qos: 1, retain: true } as const
const owner = { kind: 'device', deviceId: 'd1', type: 'lamp' } as const

/** PUBREL, as an earlier version kept it in place of its message: no payload, and no topic. */
const pubrel = Buffer.from(JSON.stringify({ cmd: 'pubrel', messageId: 7 }))
const pubrelOfBefore = Buffer.concat([Buffer.from([0, 0, 0, pubrel.length, 0]), pubrel])

const outgoing = `
  drop table queue; drop table shared_messages; drop table shared_counts; drop table fan_outs;
  create table outgoing (
    seq integer primary key autoincrement,
    client text not null, broker text not null, counter integer not null,
    message_id integer, size integer not null, message blob not null
  );
  create table queues (client text primary key, messages integer not null, bytes integer not null) without rowid;
`

const withoutTimes = `
  alter table sessions drop column expiry_seconds;
  alter table wills drop column delay_seconds; alter table wills drop column expiry_seconds; alter table wills drop column due_at;
  drop index retained_that_expires; alter table retained drop column expires_at;
`

/** A file as the first release made it, with a session and a retained message in it. */
function fileOfVersion1() {
  const sqlite = new Database(':memory:')
  prepareSchema(sqlite)
  sqlite.exec(`
    ${outgoing}
    alter table sessions drop column node;
    ${withoutTimes}
    alter table sessions drop column away_since;
    alter table retained drop column owner;
    alter table retained drop column size;
    drop table retained_owners;
    drop table state_tenures;
  `)
  sqlite.prepare('insert into sessions values (?, ?, 0)').run('c1', JSON.stringify(owner))
  sqlite.prepare('insert into retained values (?, ?)').run('app/a', encodeMessage(retained))
  sqlite.pragma('user_version = 1')
  return sqlite
}

test('a file of the first version is brought up to date, with what is in it', async () => {
  const sqlite = fileOfVersion1()
  const store = openMqttStore(sqlite, { queue, retained: { maxMessages: 1, maxBytes: 1e6 } })
  const left = { clientId: 'c1', owner, suspended: false, subscriptions: [], begun: [] }
  expect(await store.sessions.all()).toEqual([left])
  await store.commit([{ kind: 'session', session: { clientId: 'c1', owner, suspended: false, awaySinceMs: 7 } }])
  expect(await store.sessions.all()).toEqual([{ ...left, awaySinceMs: 7 }])
  expect(await retainedOn(store, 'app/a')).toEqual(retained)
  await retain(store, { ...retained, payload: Buffer.from('y') }, 'service:s')
  expect(await retain(store, { ...retained, topic: 'app/b' }, 'service:s')).toMatchObject([{ refused: 'no-room' }])
  prepareSchema(sqlite) // and again finds nothing to do
  await store.close()
})

test('queues from before there were shared messages are still there, in order, and as far as they were sent', async () => {
  const sqlite = new Database(':memory:')
  prepareSchema(sqlite)
  sqlite.exec(`${outgoing} drop table state_tenures; alter table sessions drop column node; ${withoutTimes}`)
  const put = sqlite.prepare(
    'insert into outgoing (client, broker, counter, message_id, size, message) values (?, ?, ?, ?, 10, ?)',
  )
  const message = { topic: 'app/a', payload: Buffer.from('x'), qos: 2, retain: false, brokerId: 'b' } as const
  put.run('c1', 'b', 1, 7, pubrelOfBefore)
  put.run('c1', 'b', 2, 8, encodeMessage(message))
  put.run('c1', 'b', 3, null, encodeMessage(message))
  sqlite.pragma('user_version = 3')
  const store = openMqttStore(sqlite, { queue })
  const rows = await rowsOf(store, 'c1')
  expect(rows.map(({ messageId, message }) => [messageId, message?.topic])).toEqual([
    [7, undefined],
    [8, 'app/a'],
    [undefined, 'app/a'],
  ])
  const seq = await enqueue(store, 'c1', { ...message, qos: 1 })
  expect(seq).toBeGreaterThan(rows.at(-1)?.seq ?? 0)
  await store.close()
})

test('a file that a newer program made is refused, and left as it is', () => {
  const sqlite = new Database(':memory:')
  sqlite.pragma('user_version = 99')
  expect(() => openMqttStore(sqlite, { queue })).toThrow('is of version 99, newer than this program knows')
  expect(sqlite.pragma('user_version', { simple: true })).toBe(99)
  sqlite.close()
})
