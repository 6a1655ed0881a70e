import { expect, test } from 'vitest'
import { RetainedFeed } from '../../../src/broker/router/retained-feed.ts'
import { createTurns } from '../../../src/broker/router/turns.ts'
import { Reader } from '../../../src/broker/sessions/reader.ts'
import type { Session } from '../../../src/broker/sessions/session.ts'

test('a slow reader that subscribes again and again is fed once, from the beginning', async () => {
  const scheduled: (() => void)[] = []
  const sent: string[] = []
  const reader = new Reader<Session>('c', false)
  const outbox = { room: 0, isBehind: false, sendOn: () => {} }
  const session = { reader, outbox, client: { closed: false }, mayReceive: () => true, sendOn: () => {} }
  reader.session = session as never
  const feed = new RetainedFeed({
    session: session as never,
    store: {
      retained: {
        topicsOf: async () => ({ topics: ['a/1', 'a/2'], next: undefined }),
        on: async () => [],
        expired: async () => [],
      },
    },
    commits: { write: () => {}, afterCommit: act => act() },
    turns: createTurns(next => void scheduled.push(next)),
    send: (_session, { topic }) => sent.push(topic) > 0,
    retainedNow: async topics => topics.map(topic => ({ topic, payload: 'x', qos: 0, retain: true }) as const),
    onFault: () => expect.unreachable(),
  })
  const run = async () => {
    while (scheduled.length > 0) {
      scheduled.shift()?.()
      await new Promise(setImmediate)
    }
  }
  const subscription = { reader, filter: 'a/+', qos: 0 } as const
  reader.asked.set('a/+', subscription)
  for (let n = 0; n < 100; n++) {
    feed.add([subscription])
    await run()
  }
  outbox.room = 100
  feed.sendOn()
  await run()
  expect(sent).toEqual(['a/1', 'a/2'])
})
