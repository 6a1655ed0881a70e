import { expect, test } from 'vitest'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { publishPacket } from '../../support/packets.ts'
import { connectRaw, exchange } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, logged, ownerOf, serviceToken } from '../../support/story.ts'

test.each([0, 1] as const)(
  'limits.maxBufferedBytes, limits.drainTimeoutMs: readers at QoS %i that stop reading are closed, again and again',
  async qos => {
    await using running = await startApp({
      limits: { maxBufferedBytes: 200_000, drainTimeoutMs: 100, bytesPerSecond: 100_000_000 },
    })
    const password = await serviceToken(running)
    const connect = (clientId: string) =>
      connectRaw('tcp', running.app.ports.mqtt, { clientId, username: 'jwt', password })
    const ended: string[] = []
    running.app.events.on('session-closed', ({ clientId, reason }) => clientId === 'stuck' && ended.push(reason))
    const writer = await connect('writer')
    writer.onBytes(() => {})
    using pair = await connectHealthyPair(running)
    let messageId = 0
    await pair.stayHealthyWhile(async () => {
      const seen = ended.length
      const stuck = await connect('stuck')
      await exchange(stuck, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'app/s', qos }] })
      stuck.stopReading()
      await expect
        .poll(
          () => {
            if (writer.unsentBytes === 0)
              writer.send(publishPacket('app/s', 'x'.repeat(60_000), qos && (messageId++ % 65_535) + 1))
            return ended.length
          },
          { interval: 2 },
        )
        .toBeGreaterThan(seen)
      stuck.close()
    })
    expect(new Set(ended)).toEqual(new Set(['slow-reader']))
    writer.close()
  },
)

test('a reader that stops reading is closed at QoS 1, and a healthy one beside it gets everything', async () => {
  await using running = await startApp({ limits: { bytesPerSecond: 100_000_000 } })
  const { device, client: healthy, token } = await ownerOf(running, 'noisy')
  await using publisher = await connectAsDevice(running, device)
  const stuck = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'stuck', username: 'jwt', password: token })
  await exchange(stuck, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/noisy/#', qos: 1 }] })
  stuck.stopReading()
  await healthy.subscribe('devices/noisy/event/+', 1)
  const count = 300
  const payload = 'x'.repeat(60_000)
  for (let i = 0; i < count; i++) await publisher.mqtt.publishAsync('devices/noisy/event/motion', payload, { qos: 1 })
  await expect
    .poll(() => healthy.received.filter(({ topic }) => topic.startsWith('devices/')).length, { timeout: 15_000 })
    .toBe(count)
  expect(logged(running, 'session-closed', '"stuck"', 'slow-reader')).toBe(true)
  stuck.close()
  await healthy[Symbol.asyncDispose]()
})
