import { expect, test } from 'vitest'
import { CleanOutbox } from '../../../src/broker/router/clean-outbox.ts'

test('a reader that acknowledges nothing is closed, however small the messages are that wait for it', () => {
  let closedAfter = 0
  let delivered = 0
  const client = {
    close: () => {
      closedAfter ||= delivered
    },
  }
  const session = { client, stream: { hasRoom: true, waitingBytes: 0 } }
  const outbox = new CleanOutbox(session as never, () => {}, 128_000)
  for (; delivered < 5000; delivered++) outbox.deliver({ topic: 'a', payload: '', qos: 1, retain: false }, 1, false)
  expect(closedAfter).toBeGreaterThan(100)
  expect(closedAfter).toBeLessThan(2000)
})
