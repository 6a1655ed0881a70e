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
  const session = { client, stream: { hasRoom: true, waitingBytes: 0, sayFarewell() {} } }
  const outbox = new CleanOutbox(
    session as never,
    () => true,
    128_000,
    () => expect.unreachable(),
  )
  for (; delivered < 5000; delivered++) outbox.deliver({ topic: 'a', payload: '', qos: 1, retain: false }, 1, {})
  expect(closedAfter).toBeGreaterThan(100)
  expect(closedAfter).toBeLessThan(2000)
})

test('what waits holds nothing of what else was received with it', () => {
  const sent: Buffer[] = []
  const stream = { hasRoom: false, waitingBytes: 0 }
  const session = { client: { close() {} }, stream, deliveryDecision: () => ({ allowed: true, rule: '' }) }
  const send = (_session: unknown, { payload }: { readonly payload: Buffer | string }) => {
    if (typeof payload === 'object') sent.push(payload)
    return true
  }
  const outbox = new CleanOutbox(session as never, send, 128_000, () => expect.unreachable())
  const chunk = Buffer.alloc(64_000, 'x')
  outbox.deliver({ topic: 'a', payload: chunk.subarray(10, 12), qos: 1, retain: false }, 1, {})
  stream.hasRoom = true
  outbox.sendOn()
  expect(sent.map(String)).toEqual(['xx'])
  expect(sent[0]?.buffer.byteLength).toBeLessThan(1000)
})
