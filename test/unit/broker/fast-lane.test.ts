import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { ClientStream } from '../../../src/broker/transport/client-stream.ts'
import type { TakeMessage } from '../../../src/broker/transport/fast-lane.ts'
import { createTurnWork } from '../../../src/broker/transport/turn-work.ts'
import type { Wire, WireEvents } from '../../../src/broker/transport/wire.ts'
import { publishPacket } from '../../support/packets.ts'

const wire: Wire = { send() {}, bufferedBytes: 0, arrivedBytes: 0, pause() {}, resume() {}, end() {}, terminate() {} }
const message = publishPacket('devices/d1/event/x', 'hello')
const ping = generate({ cmd: 'pingreq' })

/** A stream with an open fast lane, and what went which way. */
function createStream(take: TakeMessage = () => true, work = createTurnWork()) {
  let events: WireEvents | undefined
  const limits = {
    maxPacketBytes: 1000,
    maxPendingBytes: 1000,
    messagesPerSecond: 10_000,
    bytesPerSecond: 1_000_000,
    drainTimeoutMs: 2000,
  }
  const stream = new ClientStream(
    given => {
      events = given
      return wire
    },
    limits,
    undefined,
    work,
  )
  const fast: string[] = []
  const slow: Buffer[] = []
  stream.on('error', () => {})
  stream.on('readable', () => {
    const bytes = stream.read()
    if (bytes) slow.push(bytes)
  })
  const filters = { subscribe: 10, unsubscribe: 10 }
  stream.raiseLimits({ maxPacketBytes: limits.maxPacketBytes, filters, packetsPerRead: 100 }) // as it is admitted
  stream.openFastLane((topic, payload) => {
    const taken = take(topic, payload)
    if (taken) fast.push(`${topic} ${payload}`)
    return taken
  })
  const receive = (...packets: Buffer[]) => events?.received(Buffer.concat(packets))
  return { stream, fast, slow, receive, close: () => events?.closed() }
}

const taken = 'devices/d1/event/x hello'

test('messages at QoS 0 pass Aedes by, several in a chunk', () => {
  const { fast, slow, receive } = createStream()
  receive(message, message)
  expect(fast).toEqual([taken, taken])
  expect(slow).toEqual([])
})

test('from the first packet that is something else, the chunk goes to Aedes in its order', () => {
  const { fast, slow, receive } = createStream()
  receive(message, ping, message)
  expect(fast).toEqual([taken])
  expect(Buffer.concat(slow)).toEqual(Buffer.concat([ping, message]))
})

test('nothing passes while Aedes is not done with what came before', () => {
  const { stream, fast, slow, receive } = createStream()
  receive(ping)
  receive(message)
  expect(fast).toEqual([])
  stream.read() // Aedes is done with the first, and reads on
  expect(Buffer.concat(slow)).toEqual(ping)
})

test('nothing passes in the middle of a packet, whatever its bytes look like', async () => {
  const { fast, slow, receive } = createStream()
  const inside = publishPacket('devices/d1/event/x', message, 7)
  receive(inside.subarray(0, inside.length - message.length))
  await Promise.resolve()
  receive(message)
  expect(fast).toEqual([])
  expect(Buffer.concat(slow)).toEqual(inside)
})

test('nothing passes while the stream is held', () => {
  const { stream, fast, receive } = createStream()
  const release = stream.hold()
  receive(message)
  expect(fast).toEqual([])
  release()
})

test('what is not taken goes to Aedes, with all that follows it', () => {
  const { slow, receive } = createStream(topic => topic !== 'request/d1/auth/login')
  const request = publishPacket('request/d1/auth/login', '{}')
  receive(message, request, message)
  expect(Buffer.concat(slow)).toEqual(Buffer.concat([request, message]))
})

test('a message over the limit is not taken', () => {
  const { stream, fast, receive } = createStream()
  receive(publishPacket('t', 'x'.repeat(1000)))
  expect(fast).toEqual([])
  expect(stream.destroyed).toBe(true)
})

test('nothing more is taken once the stream was ended by a message', () => {
  const { stream, fast, slow, receive } = createStream(() => {
    stream.destroy()
    return true
  })
  receive(message, message)
  expect(fast).toEqual([taken])
  expect(slow).toEqual([])
})

test('a packet that comes in parts is handed to Aedes whole', () => {
  const { slow, receive } = createStream()
  for (const byte of publishPacket('devices/d1/state', '{}', 7)) receive(Buffer.of(byte))
  expect(slow).toEqual([publishPacket('devices/d1/state', '{}', 7)])
})

test('who closes in the middle of a packet is gone', async () => {
  const { stream, receive, close } = createStream()
  receive(message.subarray(0, 5))
  close()
  await expect.poll(() => stream.destroyed).toBe(true)
})

test('who has sent much work in one message is held up at once, and the rest of the chunk waits for its pace', () => {
  const { stream, fast, slow, receive } = createStream(() => {
    stream.tookWork(600_000)
    return true
  })
  receive(message, message, message)
  expect(fast).toEqual([taken])
  expect(slow).toEqual([])
  stream.destroy()
})

test('while a turn has had enough work, what may be much waits for the next, in order, and small messages of others pass', async () => {
  const work = createTurnWork()
  const busy = createStream(undefined, work)
  const other = createStream(undefined, work)
  busy.stream.tookWork(1000)
  busy.receive(message, ping)
  other.receive(message)
  expect(busy.fast).toEqual([])
  expect(busy.slow).toEqual([])
  expect(other.fast).toEqual([taken])
  await expect.poll(() => Buffer.concat(busy.slow)).toEqual(Buffer.concat([message, ping]))
})
