import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { ClientStream } from '../../../src/broker/transport/client-stream.ts'
import { encodeAnswer } from '../../../src/broker/transport/packets/message-packets.ts'
import type { WireEvents } from '../../../src/broker/transport/wires/wire.ts'
import { publishPacket } from '../../support/packets.ts'

const limits = {
  maxPacketBytes: 1000,
  maxPendingBytes: 1000,
  messagesPerSecond: 1_000_000,
  bytesPerSecond: 1_000_000_000,
  drainTimeoutMs: 50,
}
const ignore = () => {}
const nextTurn = () => new Promise(resolve => setImmediate(resolve))

/** A stream to a peer that takes nothing of what it is sent before `takeAll`. Messages at QoS 1 are acknowledged, PINGREQ is answered. */
function createUnreadStream() {
  let events: WireEvents | undefined
  let bufferedBytes = 0
  const stream = new ClientStream(given => {
    events = given
    return {
      send(bytes) {
        bufferedBytes += bytes.length
      },
      get bufferedBytes() {
        return bufferedBytes
      },
      arrivedBytes: 0,
      pause: ignore,
      resume: ignore,
      end: ignore,
      terminate: ignore,
    }
  }, limits)
  let answered = 0
  const answer = (bytes: Buffer) => {
    answered++
    stream.write(bytes)
  }
  stream.on('readable', () => stream.read() && answer(generate({ cmd: 'pingresp' })))
  stream.openTo({
    publishFast: () => false,
    publish: ({ messageId }) => answer(encodeAnswer('puback', messageId)),
    puback: ignore,
    pubrec: ignore,
    pubrel: ignore,
    pubcomp: ignore,
    authenticate: () => {},
    hasSubscribed: () => false,
  })
  return {
    stream,
    receive: (bytes: Buffer) => events?.received(bytes),
    takeAll() {
      bufferedBytes = 0
      events?.taken()
    },
    close: () => events?.closed(),
    answered: () => answered,
    bufferedBytes: () => bufferedBytes,
  }
}

async function untilQuiet(answered: () => number): Promise<void> {
  for (let before = -1; before !== answered(); await nextTurn()) {
    before = answered()
    for (let turn = 0; turn < 5; turn++) await nextTurn()
  }
}

const count = 5000
test.each([
  ['PUBACK', 4, Buffer.concat(Array.from({ length: count }, (_, n) => publishPacket('t', '', n + 1)))],
  ['PINGRESP', 2, Buffer.concat(Array.from({ length: count }, () => generate({ cmd: 'pingreq' })))],
])('who asks and takes no answer is asked nothing more of, until it does: %s', async (_what, answerBytes, packets) => {
  const { receive, takeAll, answered, bufferedBytes } = createUnreadStream()
  receive(packets)
  await untilQuiet(answered)
  expect(bufferedBytes()).toBeGreaterThan(limits.maxPendingBytes)
  expect(bufferedBytes()).toBeLessThanOrEqual(limits.maxPendingBytes + answerBytes)
  for (let n = 0; n < count && answered() < count; n++) {
    takeAll()
    await untilQuiet(answered)
  }
  expect(answered()).toBe(count)
})

test('a peer that takes nothing of so many answers is stuck', async () => {
  const { stream, receive } = createUnreadStream()
  const stuck = new Promise(resolve => stream.once('stuck', resolve))
  receive(Buffer.concat(Array.from({ length: count }, () => generate({ cmd: 'pingreq' }))))
  await stuck
})

test('what a peer has sent that took no answers is taken when it is gone', async () => {
  const { stream, receive, close, answered } = createUnreadStream()
  receive(Buffer.concat(Array.from({ length: count }, (_, n) => publishPacket('t', '', n + 1))))
  await untilQuiet(answered)
  const closed = new Promise(resolve => stream.once('close', resolve))
  close()
  await closed
  expect(answered()).toBe(count)
})
