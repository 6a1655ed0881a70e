import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice, publishPacket, user } from '../../support/packets.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const slow = { messagesPerSecond: 100, bytesPerSecond: 10_000_000 }

test.each([
  [0, undefined],
  [1, 1],
])(
  'a device that floods at QoS %i is slowed to its limit, nothing of it is lost, and others are not slowed',
  async (_qos, id) => {
    await using running = await startBroker({ limits: slow })
    const slowed: string[] = []
    running.events.on('session-slowed', ({ clientId }) => slowed.push(clientId))
    await using owner = await connectClient(running.url, { clientId: 'owner', ...user })
    await owner.subscribe('devices/d1/event/x', 1)
    const device = await connectRaw('tcp', running.port, asDevice)
    const count = 200
    const startedAt = performance.now()
    device.send(
      Buffer.concat(
        Array.from({ length: count }, (_, i) => publishPacket('devices/d1/event/x', String(i), id && i + 1)),
      ),
    )
    let echoes = 0
    await using other = await connectClient(running.url, { clientId: 'd2', username: 'device', password: 'x' })
    while (owner.received.length < count) {
      await new Promise(resolve => setTimeout(resolve, 20)) // well below the limit
      await other.mqtt.publishAsync('devices/d2/event/x', '', { qos: 1 }) // answered while the flood is still held back
      if (owner.received.length < count) echoes++
      expect(owner.received.length).toBeLessThanOrEqual(
        slow.messagesPerSecond * (1.3 + (performance.now() - startedAt) / 1000),
      )
    }
    expect(owner.received.map(({ payload }) => Number(payload))).toEqual(Array.from({ length: count }, (_, i) => i))
    expect(echoes).toBeGreaterThan(0) // one answer while the flood is held back says it; how many a busy machine has time for does not
    expect(slowed).toEqual(['d1'])
    device.close()
  },
)

test('a client that sends more bytes than it may is slowed too', async () => {
  await using running = await startBroker({ limits: { messagesPerSecond: 100_000, bytesPerSecond: 100_000 } })
  await using owner = await connectClient(running.url, { clientId: 'owner', ...user })
  await owner.subscribe('devices/d1/event/x')
  const device = await connectRaw('tcp', running.port, asDevice)
  const startedAt = performance.now()
  device.send(Buffer.concat(Array.from({ length: 4 }, () => publishPacket('devices/d1/event/x', 'x'.repeat(50_000)))))
  await expect.poll(() => owner.received.length, { interval: 5 }).toBe(4)
  expect(performance.now() - startedAt).toBeGreaterThan(250) // what follows the first 128 KiB waits for them
  device.close()
})

test('acknowledgements count little: a client that receives much is not slowed down for acknowledging', async () => {
  await using running = await startBroker({ limits: { messagesPerSecond: 100, bytesPerSecond: 10_000_000 } })
  const slowed: string[] = []
  running.events.on('session-slowed', ({ clientId }) => slowed.push(clientId))
  await using owner = await connectClient(running.url, { clientId: 'owner', ...user })
  await owner.subscribe('devices/+/event/x', 1)
  for (let connection = 0; connection < 4; connection++) {
    await using device = await connectClient(running.url, asDevice)
    await Promise.all(Array.from({ length: 60 }, () => device.mqtt.publishAsync('devices/d1/event/x', '', { qos: 1 })))
  }
  await expect.poll(() => owner.received.length).toBe(240)
  expect(slowed).toEqual([])
})
