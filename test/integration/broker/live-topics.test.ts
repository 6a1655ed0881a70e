import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Packet } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectRaw, exchange, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const operator = {
  kind: 'operator',
  userId: 'o',
  username: 'o',
  token: { id: 't', expiresAtMs: Date.now() + 3_600_000 },
} as const

/** A broker where everybody is an operator. */
const startOperators = () => startBroker({ authenticator: { authenticate: async () => operator } })

const topic = 'ops/log/info/sessions'
const missed = (count: number) => `missed ${count}`

async function connectReader(port: number, clientId: string, filter = 'ops/log/#') {
  const client = await connectRaw('tcp', port, { clientId, username: 'jwt', password: 'x' })
  const packets = packetsOf(client)
  client.send(subscribePacket(1, filter))
  await expect.poll(() => packets.some(({ cmd }) => cmd === 'suback')).toBe(true)
  const payloads = () => packets.flatMap(textOf)
  return { client, payloads, count: () => packets.length - 1 } // the first is SUBACK
}
/** The beginning is enough. */
const textOf = (packet: Packet) =>
  packet.cmd === 'publish' && typeof packet.payload === 'object' ? [packet.payload.subarray(0, 20).toString()] : []

test('a reader who has stalled misses lines, is told how many when it reads on, and costs a healthy one nothing', async () => {
  await using running = await startOperators()
  const { broker, port } = running
  const healthy = await connectReader(port, 'healthy')
  const stalled = await connectReader(port, 'stalled')
  stalled.client.stopReading()

  const padding = 'x'.repeat(10_000) // more in all than the buffers of the machine hold
  const total = 3000
  for (let sent = 0; sent < total; sent += 10) {
    for (let i = sent; i < sent + 10; i++) broker.publishLive(topic, () => `${i} ${padding}`, missed)
    while (healthy.count() < sent + 10) await nextTurn()
  }
  expect(healthy.payloads().map(text => Number(text.split(' ')[0]))).toEqual(Array.from({ length: total }, (_, i) => i))

  stalled.client.readOn()
  await expect
    .poll(() => {
      broker.publishLive(topic, () => 'afterwards', missed)
      return stalled.payloads().at(-1)
    })
    .toBe('afterwards')
  const lines = stalled.payloads()
  const note = lines.findIndex(text => text.startsWith('missed'))
  const told = lines.filter(text => text.startsWith('missed')).map(text => Number(text.split(' ')[1]))
  const received = lines.filter(text => !text.startsWith('missed')).length
  expect(told.length).toBeGreaterThan(0)
  expect(received).toBeLessThan(total)
  expect(received + told.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(total)
  expect(Number(lines[note - 1]?.split(' ')[0])).toBe(note - 1)
})

test('a line that everybody misses is not even made', async () => {
  await using running = await startOperators()
  const { broker, port } = running
  const stalled = await connectReader(port, 'stalled')
  stalled.client.stopReading()
  let made = 0
  const line = () => {
    made++
    return 'x'.repeat(10_000)
  }
  await expect
    .poll(async () => {
      const seen = made
      for (let i = 0; i < 100; i++) broker.publishLive(topic, line, missed)
      await nextTurn()
      return made - seen
    })
    .toBe(0)
  stalled.client.close()
})

test('a line without a subscriber is not sent, and a client that leaves or unsubscribes is no subscriber', async () => {
  await using running = await startOperators()
  const { broker, port } = running
  expect(broker.isFollowed(topic)).toBe(false)
  const reader = await connectReader(port, 'reader', 'ops/log/info/+')
  expect(broker.isFollowed(topic)).toBe(true)
  expect(broker.isFollowed('ops/log/debug/sessions')).toBe(false)
  reader.client.close()
  await expect.poll(() => broker.isFollowed(topic)).toBe(false)
})

test('nobody but the broker publishes there', async () => {
  await using running = await startOperators()
  const reader = await connectReader(running.port, 'reader')
  const refused: string[] = []
  running.events.on('publish-refused', ({ topic: name, rule }) => refused.push(`${name} ${rule}`))
  await exchange(reader.client, {
    cmd: 'publish',
    topic,
    payload: 'x',
    qos: 1,
    messageId: 7,
    dup: false,
    retain: false,
  })
  expect(refused).toEqual([`${topic} no-rule`])
  expect(reader.payloads().filter(text => text === 'x')).toEqual([])
})
