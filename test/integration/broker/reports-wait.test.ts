import { expect, test } from 'vitest'
import { createGate } from '../../support/gate.ts'
import { storeWith } from '../../support/gated-store.ts'
import { payloads, publishPacket } from '../../support/packets.ts'
import { connectRaw, exchange, packetsOf } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, operatorToken } from '../../support/story.ts'

const frames = 600
/** Each is a turn of the broker at least: in so many it could take all that the device sends. */
const pings = 500

test('a device that reports at QoS 0 without end is read no further while more waits to be kept than should', async () => {
  const [asked, gate] = [createGate(), createGate()]
  const mqttStore = storeWith(({ commit }) => ({
    async commit(batch) {
      if (batch.some(({ kind }) => kind === 'state')) {
        asked.open()
        await gate.opened
      }
      return commit(batch)
    },
  }))
  const limits = { messagesPerSecond: 1_000_000, bytesPerSecond: 1_000_000_000 }
  await using running = await startApp({ mqttStore, limits })
  const { mqtt: port, http } = running.app.ports
  const { id, secret } = await addDevice(running, 'lamp', 'lamp-1')
  const last = `devices/${id}/event/last`
  const operator = await connectRaw('tcp', port, {
    clientId: 'o',
    username: 'jwt',
    password: await operatorToken(running),
  })
  await exchange(operator, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: last, qos: 0 }] })
  const packets = packetsOf(operator)
  const device = await connectRaw('ws', http, { clientId: id, username: id, password: secret })
  const report = (n: number) => publishPacket(`devices/${id}/state`, JSON.stringify({ brightness: n % 100 }))
  const hundred = Buffer.concat(Array.from({ length: 100 }, (_, n) => report(n)))
  for (let frame = 0; frame < frames; frame++) device.send(hundred) // whole packets: the fast lane takes them all
  device.send(publishPacket(last, 'x'))
  await asked.opened
  for (let n = 0; n < pings; n++) await exchange(operator, { cmd: 'pingreq' })
  const early = payloads(packets, last)
  gate.open()
  expect(early).toEqual([])
  await expect.poll(() => payloads(packets, last)).toEqual(['x'])
  for (const client of [device, operator]) client.close()
})
