import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { createGate } from '../../support/gate.ts'
import { storeWith } from '../../support/gated-store.ts'
import { asDevice, connectPacket, got, payloads, publishPacket } from '../../support/packets.ts'
import { connectRaw, openTcp, packetsOf, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { retain } from '../../support/store-steps.ts'

test('retained messages are all sent beside a live message, however late the store answers', async () => {
  const gate = createGate()
  const asked = createGate()
  const store = storeWith(({ queues, retained }) => ({
    queues: {
      ...queues,
      async page(...args) {
        const page = await queues.page(...args)
        await new Promise(resolve => setTimeout(resolve, 50))
        return page
      },
    },
    retained: {
      ...retained,
      async on(topics) {
        asked.open()
        await gate.opened
        return retained.on(topics)
      },
    },
  }))
  await using running = await startBroker({ store })
  for (let n = 0; n < 64; n++)
    await retain(store, { topic: `devices/d1/event/r${n}`, payload: `r${n}`, qos: 0, retain: true })
  const device = await connectRaw('tcp', running.port, asDevice)
  const answers = packetsOf(device)
  const reader = await openTcp(running.port)
  const packets = packetsOf(reader)
  let seen = 0
  reader.onBytes(() => {
    for (; seen < packets.length; seen++) {
      const packet = packets[seen]
      if (packet?.cmd === 'publish' && packet.qos > 0)
        reader.send(generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }))
    }
  })
  reader.send(connectPacket('reader', false))
  await expect.poll(got(packets, 'connack')).toBeDefined()
  await new Promise(resolve => setTimeout(resolve, 200))
  reader.send(subscribePacket(1, 'devices/d1/event/#', 1))
  await asked.opened
  device.send(publishPacket('devices/d1/event/live', 'l', 1))
  await expect.poll(got(answers, 'puback', 1)).toBeDefined()
  gate.open()
  await expect.poll(() => payloads(packets, 'devices/d1/event/live')).toEqual(['l'])
  await expect.poll(() => packets.filter(({ cmd }) => cmd === 'publish').length).toBe(65)
  reader.close()
  device.close()
})
