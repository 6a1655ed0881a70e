import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { isQueueing, storeFailing, storeWithGate } from '../../support/gated-store.ts'
import { asDevice, publishPacket, user } from '../../support/packets.ts'
import { connectRaw, exchange, packetsOf } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

test('what is refused is acknowledged behind what was published before it [MQTT-4.6.0-2]', async () => {
  await using running = await startBroker()
  const away = await connectRaw('tcp', running.port, { clientId: 'c', ...user, clean: false })
  await exchange(away, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/d1/event/x', qos: 1 }] })
  away.close() // what is published is queued for it, so it is kept at the end of the turn
  const device = await connectRaw('tcp', running.port, asDevice)
  const packets = packetsOf(device)
  const acknowledged = () => packets.flatMap(packet => (packet.cmd === 'puback' ? [packet.messageId] : []))
  device.send(
    Buffer.concat([
      publishPacket('devices/d1/event/x', '{}', 1),
      publishPacket('devices/other/state', '{"on":true}', 2),
      publishPacket('devices/d1/event/x', '{}', 3),
    ]),
  )
  await expect.poll(acknowledged).toEqual([1, 2, 3])
  device.close()
})

test('a message is acknowledged when what it leaves behind is kept, and not before', async () => {
  const { store, asked, open } = storeWithGate(isQueueing)
  await using running = await startBroker({ store })
  const away = await connectRaw('tcp', running.port, { clientId: 'c', ...user, clean: false })
  await exchange(away, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'devices/d1/event/x', qos: 1 }] })
  away.close()
  const device = await connectRaw('tcp', running.port, asDevice)
  const packets = packetsOf(device)
  device.send(publishPacket('devices/d1/event/x', '{}', 1))
  await asked
  await new Promise(setImmediate)
  expect(packets.map(({ cmd }) => cmd)).not.toContain('puback')
  open()
  await expect.poll(() => packets.map(({ cmd }) => cmd)).toContain('puback')
  device.close()
})

const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
const token = { id: 't', expiresAtMs: Date.now() + 3_600_000 }
const service = { kind: 'service', name: 's', acl, token } as const

test('what a fault of the store keeps from being retained is not acknowledged', async () => {
  const { store } = storeFailing(write => write.kind === 'message' && write.retained !== undefined)
  await using running = await startBroker({ store, authenticator: { authenticate: async () => service } })
  for (const qos of [1, 2] as const) {
    const client = await connectRaw('tcp', running.port, { clientId: `s${qos}`, ...user })
    const packets = packetsOf(client)
    client.send(generate({ cmd: 'publish', topic: 'app/x', payload: 'x', qos, messageId: 5, dup: false, retain: true }))
    await client.closed
    expect(packets.map(({ cmd }) => cmd)).toEqual([])
  }
  expect(running.faults).toContain('keeping a message')
})
