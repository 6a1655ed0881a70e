import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { ClientStream } from '../../../src/broker/transport/client-stream.ts'
import type { Wire, WireEvents } from '../../../src/broker/transport/wires/wire.ts'
import { publishPacket } from '../../support/packets.ts'

const wire: Wire = { send() {}, bufferedBytes: 0, arrivedBytes: 0, pause() {}, resume() {}, end() {}, terminate() {} }
const limits = {
  maxPacketBytes: 1000,
  maxPendingBytes: 1000,
  messagesPerSecond: 1_000_000,
  bytesPerSecond: 1_000_000_000,
  drainTimeoutMs: 2000,
}
const ignore = () => {}
const closing = (stream: ClientStream) => new Promise(resolve => stream.once('close', resolve))

/** A stream that nothing is taken of before `goOn`, and then the packet ids of messages at QoS 1. */
function createHeldStream() {
  let events: WireEvents | undefined
  const stream = new ClientStream(given => {
    events = given
    return wire
  }, limits)
  const taken: number[] = []
  stream.openTo({
    publishFast: () => false,
    publish: ({ messageId }) => void taken.push(messageId),
    puback: ignore,
    pubrec: ignore,
    pubrel: ignore,
    pubcomp: ignore,
    authenticate: () => {},
    hasSubscribed: () => false,
  })
  const goOn = stream.hold()
  return { stream, taken, goOn, receive: (bytes: Buffer) => events?.received(bytes), close: () => events?.closed() }
}

const numbers = Array.from({ length: 3000 }, (_, n) => n + 1)
const tiny = Buffer.concat(numbers.map(id => publishPacket('t', '', id)))

test('only the next ones of thousands of small packets that come at once are checked, so that they take little memory', () => {
  const { stream, receive } = createHeldStream()
  receive(tiny)
  expect(stream.counts.messagesIn).toBeLessThanOrEqual(256)
})

test.each([1, 7, 256, 1300, 4096, tiny.length])(
  'thousands of small packets in chunks of %i bytes are all taken, in their order, and the stream ends behind them',
  async size => {
    const { stream, taken, goOn, receive, close } = createHeldStream()
    for (let from = 0; from < tiny.length; from += size) receive(Buffer.from(tiny.subarray(from, from + size)))
    close()
    const closed = closing(stream)
    goOn()
    await closed
    expect(taken).toEqual(numbers)
  },
)

test('nothing is taken behind a DISCONNECT that many packets stand before, and the stream ends', async () => {
  const { stream, taken, goOn, receive, close } = createHeldStream()
  stream.on('readable', () => stream.read())
  receive(Buffer.concat([tiny, generate({ cmd: 'disconnect' })]))
  receive(publishPacket('t', '', 5000))
  close()
  const closed = closing(stream)
  goOn()
  await closed
  expect(taken).toEqual(numbers)
})

test('bytes that are no packet, after many that are, end the stream when those are taken', async () => {
  const { stream, taken, goOn, receive } = createHeldStream()
  stream.on('error', ignore)
  receive(Buffer.concat([tiny, Buffer.of(0xf0, 0)]))
  const closed = closing(stream)
  goOn()
  await closed
  expect(taken.length).toBeGreaterThan(numbers.length - 256)
  expect(stream.fault?.reason).toMatch(/^protocol-violation/)
})
