import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectPacket } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const filters = [
  'devices/d1/event/x',
  'devices/d1/event/y',
  'devices/+/event/x',
  'devices/+/event/+',
  'devices/d1/#',
  'devices/d2/event/x',
  'app/nope',
]
const anyFilter = fc.constantFrom(...filters)
const anyQos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const subscribe = fc
  .uniqueArray(fc.record({ topic: anyFilter, qos: anyQos }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ topic }) => topic,
  })
  .map(subscriptions => ({ cmd: 'subscribe' as const, subscriptions }))
const unsubscribe = fc
  .array(anyFilter, { minLength: 1, maxLength: 3 })
  .map(unsubscriptions => ({ cmd: 'unsubscribe' as const, unsubscriptions }))
const publish = fc
  .record({ qos: anyQos, size: fc.constantFrom(0, 10, 3000) })
  .map(({ qos, size }) => ({ cmd: 'publish' as const, topic: 'devices/d1/invoke/go', payload: 'p'.repeat(size), qos }))
const step = fc.oneof(subscribe, unsubscribe, publish, fc.constant({ cmd: 'pingreq' as const }))

const isAnswer = ({ cmd }: Packet) => ['suback', 'unsuback', 'puback', 'pubrec', 'pingresp'].includes(cmd)
const nameOf = (packet: Packet) =>
  `${packet.cmd} ${packet.messageId ?? ''} ${packet.cmd === 'suback' ? packet.granted.join() : ''}`

test('packets in any chunks are answered like packets one by one, SUBSCRIBE and UNSUBSCRIBE in their order', async () => {
  await using running = await startBroker()
  await using device = await connectClient(running.url, { clientId: 'd1', username: 'device', password: 'x' })
  let connections = 0

  /** The answers to `packets`, sent in chunks of these sizes, CONNECT among them when `eager`. */
  async function answersTo(packets: readonly Buffer[], sizes: readonly number[], clean: boolean, eager: boolean) {
    const raw = await openTcp(running.port)
    const received = packetsOf(raw)
    const clientId = `c${connections++}`
    const connect = connectPacket(clientId, clean)
    if (!eager) {
      raw.send(connect)
      await expect.poll(() => received.length, { interval: 1 }).toBeGreaterThan(0)
    }
    const bytes = Buffer.concat(eager ? [connect, ...packets] : packets)
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length] ?? bytes.length
      raw.send(bytes.subarray(at, at + size))
      at += size
      if (i % 3 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    const expected = packets.filter(packet => packet[0] !== 0x30).length // a PUBLISH at QoS 0 has no answer
    await expect.poll(() => received.filter(isAnswer).length, { interval: 1 }).toBe(expected)
    raw.close()
    await raw.closed
    const ids = received.flatMap(({ cmd, messageId }) => (/sub/.test(cmd) && messageId ? [messageId] : []))
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    const answers = received.filter(isAnswer).map(nameOf)
    return { inOrder: answers.filter(name => name.includes('sub')), all: answers.sort() }
  }

  const sizes = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 }), fc.constant(10_000)), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      sizes,
      fc.boolean(),
      fc.boolean(),
      async (steps, chunkSizes, clean, eager) => {
        const packets = steps.map((packet, i) =>
          generate(
            'qos' in packet && packet.qos === 0
              ? { ...packet, qos: 0, dup: false, retain: false }
              : ({ ...packet, messageId: i + 1, dup: false, retain: false } as Packet),
          ),
        )
        const oneByOne = packets.map(packet => packet.length)
        const expected = await answersTo(packets, oneByOne, clean, false)
        expect(await answersTo(packets, chunkSizes, clean, eager)).toEqual(expected)
      },
    ),
    { numRuns: 25 },
  )
  expect(device.mqtt.connected).toBe(true)
}, 60_000)
