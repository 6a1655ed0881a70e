import { expect, test } from 'vitest'
import { createMemoryStore } from '../../support/memory-store.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { user } from '../../support/packets.ts'
import { startBroker } from '../../support/start-broker.ts'

const topic = 'devices/d1/event/gone'

test.each([0, 1, 2] as const)(
  'a will at QoS %i is sent when the connection ends without a DISCONNECT, and not when it ends with one [MQTT-3.14.4-3]',
  async qos => {
    const store = createMemoryStore()
    await using running = await startBroker({ store })
    await using reader = await connectClient(running.url, { clientId: 'c', ...user })
    await reader.subscribe(topic, 2)
    const leave = (payload: string) =>
      connectClient(running.url, {
        clientId: 'd1',
        username: 'd1',
        password: 'x',
        reconnectPeriod: 0,
        will: { topic, payload: Buffer.from(payload), qos, retain: false },
      })
    const polite = await leave('polite')
    await polite.mqtt.endAsync()
    const lost = await leave('lost')
    lost.mqtt.stream.destroy()
    await lost.closed()
    await expect.poll(() => reader.received.map(({ payload }) => payload)).toEqual(['lost'])
    expect(await store.keptWills()).toEqual([])
  },
)
