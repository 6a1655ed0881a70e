import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { ClientStream } from '../../../src/broker/transport/client-stream.ts'
import { createTurnWork } from '../../../src/broker/transport/turn-work.ts'
import type { Wire, WireEvents } from '../../../src/broker/transport/wires/wire.ts'
import { publishPacket } from '../../support/packets.ts'

const wire: Wire = { send() {}, bufferedBytes: 0, arrivedBytes: 0, pause() {}, resume() {}, end() {}, terminate() {} }
const message = publishPacket('devices/d1/event/x', 'hello')
const ping = generate({ cmd: 'pingreq' })

/** A stream of a session, and what of its packets went which way: at QoS 0 unchecked, as a message, or to Aedes. */
function createStream(fastly: (topic: string) => boolean = () => true, work = createTurnWork()) {
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
  const taken: string[] = []
  const aedes: Buffer[] = []
  let act = () => {}
  const note = (text: string) => {
    taken.push(text)
    act()
  }
  stream.on('error', () => {})
  stream.on('readable', () => {
    const bytes = stream.read()
    if (bytes) aedes.push(bytes)
  })
  stream.raiseLimits({ maxPacketBytes: limits.maxPacketBytes, filters: { subscribe: 10, unsubscribe: 10 } }) // as it is admitted
  stream.openTo({
    publishFast(topic, payload) {
      if (!fastly(topic)) return false
      note(`fast ${topic} ${payload}`)
      return true
    },
    publish: ({ topic, payload, qos }) => note(`${qos} ${topic} ${payload}`),
    puback: messageId => note(`puback ${messageId}`),
    pubrec: messageId => note(`pubrec ${messageId}`),
    pubrel: messageId => note(`pubrel ${messageId}`),
    pubcomp: messageId => note(`pubcomp ${messageId}`),
    authenticate: () => {},
    hasSubscribed: () => false,
  })
  const receive = (...packets: Buffer[]) => events?.received(Buffer.concat(packets))
  /** Does `what` with each message that is taken. */
  const onTaken = (what: () => void) => {
    act = what
  }
  return { stream, taken, aedes, receive, onTaken, close: () => events?.closed() }
}

const fast = 'fast devices/d1/event/x hello'
const ordinary = '0 devices/d1/event/x hello'
const subscribe = (messageId: number) =>
  generate({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 'devices/d1/state', qos: 1 }] })

test('messages at QoS 0 are taken from the chunk as they lie, several of them', () => {
  const { taken, aedes, receive } = createStream()
  receive(message, message)
  expect(taken).toEqual([fast, fast])
  expect(aedes).toEqual([])
})

test('messages and their acknowledgements never reach Aedes, and everything keeps its order', () => {
  const { taken, aedes, receive } = createStream()
  const answers = (['puback', 'pubrec', 'pubrel', 'pubcomp'] as const).map((cmd, n) =>
    generate({ cmd, messageId: n + 1 }),
  )
  receive(message, publishPacket('t', 'at 1', 7), ...answers, ping, message)
  expect(taken).toEqual([fast, '1 t at 1', 'puback 1', 'pubrec 2', 'pubrel 3', 'pubcomp 4', ordinary])
  expect(aedes).toEqual([ping])
})

test('what comes behind a SUBSCRIBE waits until Aedes has answered it', async () => {
  const { stream, taken, aedes, receive } = createStream()
  receive(subscribe(1), message, subscribe(2))
  receive(message)
  expect([taken, aedes]).toEqual([[], [subscribe(1)]])
  stream.answered()
  await expect.poll(() => aedes).toEqual([subscribe(1), subscribe(2)])
  expect(taken).toEqual([ordinary])
  stream.answered()
  await expect.poll(() => taken).toEqual([ordinary, ordinary])
})

test('one SUBSCRIBE is taken in a turn, also when they are answered at once, so that nobody waits for a thousand', async () => {
  const { stream, taken, aedes, receive } = createStream()
  receive(subscribe(1), message, subscribe(2))
  stream.answered()
  await Promise.resolve()
  expect([taken, aedes]).toEqual([[ordinary], [subscribe(1)]])
  await new Promise(setImmediate)
  expect(aedes).toEqual([subscribe(1), subscribe(2)])
})

test('what is thrown over one packet leaves the stream able to take the next', () => {
  const { taken, receive, onTaken } = createStream()
  onTaken(() => {
    throw new Error('a fault of ours')
  })
  expect(() => receive(publishPacket('t', 'x', 7))).toThrow('a fault of ours')
  onTaken(() => {})
  receive(publishPacket('t', 'y', 8))
  expect(taken).toEqual(['1 t x', '1 t y'])
})

test('nothing is taken in the middle of a packet, whatever its bytes look like', () => {
  const { taken, receive } = createStream()
  const inside = publishPacket('devices/d1/event/x', message, 7)
  receive(inside.subarray(0, inside.length - message.length))
  expect(taken).toEqual([])
  receive(message)
  expect(taken).toEqual([`1 devices/d1/event/x ${message}`])
})

test('nothing is taken while the stream is held', () => {
  const { stream, taken, receive } = createStream()
  const release = stream.hold()
  receive(message)
  expect(taken).toEqual([])
  release()
  expect(taken).toEqual([ordinary])
})

test('what is not taken unchecked is checked and taken, and all that follows it behind it', () => {
  const { taken, receive } = createStream(topic => topic !== 'request/d1/auth/login')
  receive(message, publishPacket('request/d1/auth/login', '{}'), message)
  expect(taken).toEqual([fast, '0 request/d1/auth/login {}', ordinary])
})

test('a message over the limit is not taken', () => {
  const { stream, taken, receive } = createStream()
  receive(publishPacket('t', 'x'.repeat(1000)))
  expect(taken).toEqual([])
  expect(stream.destroyed).toBe(true)
})

test.each([[0], [1]])('nothing more is taken once the stream was ended by a message at QoS %i', qos => {
  const { stream, taken, receive, onTaken } = createStream()
  onTaken(() => stream.destroy())
  const one = qos === 0 ? message : publishPacket('t', 'x', 7)
  receive(one, one)
  expect(taken).toHaveLength(1)
})

test('a packet that comes in parts is taken whole', () => {
  const { taken, receive } = createStream()
  for (const byte of publishPacket('devices/d1/state', '{}', 7)) receive(Buffer.of(byte))
  expect(taken).toEqual(['1 devices/d1/state {}'])
})

test('a client that closes in the middle of a packet is gone', async () => {
  const { stream, receive, close } = createStream()
  receive(message.subarray(0, 5))
  close()
  await expect.poll(() => stream.destroyed).toBe(true)
})

test('what was sent before the wire closed is taken, and then the stream is gone', async () => {
  const { stream, taken, receive, close } = createStream()
  const release = stream.hold()
  receive(publishPacket('t', 'x', 7), publishPacket('t', 'y', 8))
  close()
  expect(stream.destroyed).toBe(false)
  release()
  expect(taken).toEqual(['1 t x', '1 t y'])
  expect(stream.destroyed).toBe(true)
})

test('one client takes a hundred packets of a turn, and the rest of its chunk in the next ones', async () => {
  const { taken, receive } = createStream()
  receive(Buffer.concat(Array.from({ length: 250 }, (_, n) => publishPacket('t', 'x', n + 1))))
  expect(taken).toHaveLength(100)
  await new Promise(setImmediate)
  expect(taken).toHaveLength(200)
  await expect.poll(() => taken.length).toBe(250)
})

test('a client that has sent much work in one message is held back at once, and the rest of the chunk waits for its pace', () => {
  const { stream, taken, receive, onTaken } = createStream()
  onTaken(() => stream.tookWork(600_000))
  receive(message, message, message)
  expect(taken).toEqual([fast])
  stream.destroy()
})

test('a client that causes more work while it is held back is not forgotten when that is over', async () => {
  const { stream, taken, receive } = createStream()
  for (const values of [210_000, 20_000]) stream.tookWork(values)
  receive(publishPacket('t', 'x', 7))
  expect(taken).toEqual([])
  await expect.poll(() => taken).toEqual(['1 t x'])
  stream.destroy()
})

test('while a turn has had enough work, what may be much waits for the next, in order, and small messages of others pass', async () => {
  const work = createTurnWork()
  const busy = createStream(undefined, work)
  const other = createStream(undefined, work)
  busy.stream.tookWork(1000)
  busy.receive(message, ping)
  other.receive(message)
  expect([busy.taken, busy.aedes]).toEqual([[], []])
  expect(other.taken).toEqual([fast])
  await expect.poll(() => [busy.taken, busy.aedes]).toEqual([[ordinary], [ping]])
})
