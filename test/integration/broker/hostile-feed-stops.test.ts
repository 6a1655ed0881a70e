import { generate, type IPublishPacket } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { storeWith } from '../../support/gated-store.ts'
import { asDevice, connectPacket, got, publishPacket } from '../../support/packets.ts'
import { connectRaw, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { retain } from '../../support/store-steps.ts'

test('what is retained comes to its end beside live messages, however late a queue is read', async () => {
  const store = storeWith(({ queues }) => ({
    queues: {
      ...queues,
      async page(...args) {
        const page = await queues.page(...args)
        await new Promise(resolve => setTimeout(resolve, 20))
        return page
      },
    },
  }))
  await using running = await startBroker({ store })
  for (let n = 0; n < 100; n++)
    await retain(store, { topic: `devices/d1/event/r${n}`, payload: `r${n}`, qos: 1, retain: true })
  const device = await connectRaw('tcp', running.port, asDevice)
  const reader = await openTcp(running.port)
  const packets = packetsOf(reader)
  const messages: IPublishPacket[] = []
  let seen = 0
  let published = 0
  reader.onBytes(() => {
    for (; seen < packets.length; seen++) {
      const packet = packets[seen]
      if (packet?.cmd !== 'publish') continue
      messages.push(packet)
      reader.send(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }))
      if (published < 10) device.send(publishPacket('devices/d1/event/live', `l${published++}`, published))
    }
  })
  reader.send(connectPacket('reader', false))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  reader.send(subscribePacket(1, 'devices/d1/event/#', 1))
  await expect.poll(() => new Set(messages.map(({ payload }) => String(payload))).size, { timeout: 10_000 }).toBe(110)
  reader.close()
  device.close()
})
