import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { asDevice } from '../../support/packets.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

/** PUBRECs for what the broker never sent; it answers each with four bytes. */
const answers = (count: number) =>
  Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.from([0x50, 2, 0x40 | (i >> 8), i & 0xff])))

test('acknowledgements of nothing count too, but less: a client that floods with them is slowed down', async () => {
  await using running = await startBroker({ limits: { messagesPerSecond: 100 } })
  const slowed = new Promise<string>(resolve => {
    running.events.on('session-slowed', ({ clientId }) => resolve(clientId))
  })
  const device = await connectRaw('tcp', running.port, asDevice)
  device.send(answers(8000))
  expect(await slowed).toBe('d1')
  device.close()
})

test('a flood of answers leaves the others their turns', async () => {
  await using running = await startBroker({ limits: { messagesPerSecond: 1000 } })
  await using other = await connectClient(running.url, { clientId: 'd2', username: 'device', password: 'x' })
  const device = await connectRaw('tcp', running.port, asDevice)
  let answeredBytes = 0
  device.onBytes(bytes => {
    answeredBytes += bytes.length
  })
  const flood = answers(15_000)
  device.send(flood)
  await expect.poll(() => answeredBytes, { interval: 1 }).toBeGreaterThan(0)
  await other.mqtt.publishAsync('devices/d2/event/x', '', { qos: 1 })
  expect(answeredBytes).toBeLessThan(flood.length)
  device.close()
})
