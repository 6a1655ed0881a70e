import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import type { MqttStore } from '../../../src/domain/mqtt-state/mqtt-store.ts'
import type { Write } from '../../../src/domain/mqtt-state/write.ts'
import { createGate } from '../../support/gate.ts'
import { storeWith } from '../../support/gated-store.ts'
import { got, payloads, user } from '../../support/packets.ts'
import { connectRaw, exchange, packetsOf } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'
import { payloadsOf } from '../../support/store-steps.ts'

const acl = [{ permission: 'allow', action: 'all', topic: '#' }] as const
const token = { id: 't', expiresAtMs: Date.now() + 3_600_000 }
const service = { kind: 'service', name: 's', acl, token } as const

/** Fails the first batch that has such a write, when the gate is opened. */
function failingLater(isMeant: (write: Write) => boolean) {
  const gate = createGate()
  const asked = createGate()
  let isDone = false
  const store = storeWith(inner => ({
    async commit(batch) {
      if (isDone || !batch.some(isMeant)) return inner.commit(batch)
      isDone = true
      asked.open()
      await gate.opened
      throw new Error('the connection to the database is lost')
    },
  }))
  return { store, fail: gate.open, asked: asked.opened }
}

const publish = (qos: 1 | 2, messageId: number, payload: string, dup = false, topic = 'app/x') =>
  generate({ cmd: 'publish', topic, payload, qos, messageId, dup, retain: false })

async function start(store: MqttStore) {
  const running = await startBroker({ store, authenticator: { authenticate: async () => service } })
  const away = await connectRaw('tcp', running.port, { clientId: 'away', ...user, clean: false })
  await exchange(away, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'app/x', qos: 2 }] })
  away.close()
  return running
}
const sender = { clientId: 'sender', ...user, clean: false }

test('what a batch has failed to keep is kept before anything that its sender has published behind it', async () => {
  const { store, fail, asked } = failingLater(
    write => write.kind === 'message' && String(write.queued?.[0]?.message.payload) === '1',
  )
  await using running = await start(store)
  const first = await connectRaw('tcp', running.port, sender)
  first.send(publish(1, 1, '1'))
  await asked
  first.send(publish(1, 2, '2'))
  await new Promise(resolve => setTimeout(resolve, 50))
  fail()
  await first.closed
  const again = await connectRaw('tcp', running.port, sender)
  const packets = packetsOf(again)
  again.send(Buffer.concat([publish(1, 1, '1', true), publish(1, 2, '2', true)]))
  await expect.poll(got(packets, 'puback', 2)).toBeDefined()
  const kept = await payloadsOf(store, 'away')
  expect(kept.indexOf('1')).toBeLessThan(kept.indexOf('2'))
  again.close()
})

test.each([1, 2] as const)(
  'nobody is sent at QoS %i what its sender has published behind what could not be kept, before that',
  async qos => {
    const { store, fail, asked } = failingLater(
      write => write.kind === 'message' && String(write.queued?.[0]?.message.payload) === '1',
    )
    await using running = await start(store)
    const reader = await connectRaw('tcp', running.port, { clientId: 'reader', ...user })
    await exchange(reader, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'app/+', qos }] })
    const read = packetsOf(reader)
    const other = await connectRaw('tcp', running.port, { clientId: 'other', ...user })
    const first = await connectRaw('tcp', running.port, sender)
    first.send(publish(qos, 1, '1'))
    await asked
    other.send(publish(1, 1, 'of another'))
    await new Promise(resolve => setTimeout(resolve, 50))
    first.send(publish(qos, 2, '2', false, 'app/y')) // nobody is kept it
    await new Promise(resolve => setTimeout(resolve, 50))
    fail()
    await first.closed
    const again = await connectRaw('tcp', running.port, sender)
    again.send(Buffer.concat([publish(qos, 1, '1', true), publish(qos, 2, '2', true, 'app/y')]))
    await expect.poll(() => payloads(read, 'app/y')).toEqual(['2'])
    expect(read.flatMap(packet => (packet.cmd === 'publish' ? [String(packet.payload)] : []))).toEqual([
      'of another',
      '1',
      '2',
    ])
    for (const client of [reader, other, again]) client.close()
  },
)

test('a request at QoS 2 behind what could not be kept is answered when it is sent again', async () => {
  const { store, fail, asked } = failingLater(
    write => write.kind === 'message' && String(write.queued?.[0]?.message.payload) === '1',
  )
  await using running = await start(store)
  const other = await connectRaw('tcp', running.port, { clientId: 'other', ...user })
  const request = (dup: boolean) => publish(2, 2, '{"id":"r"}', dup, 'request/sender/account/me')
  const first = await connectRaw('tcp', running.port, sender)
  await exchange(first, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'reply/sender/#', qos: 0 }] })
  first.send(publish(1, 1, '1'))
  await asked
  other.send(publish(1, 1, 'of another'))
  await new Promise(resolve => setTimeout(resolve, 50))
  first.send(request(false))
  await new Promise(resolve => setTimeout(resolve, 50))
  fail()
  await first.closed
  const again = await connectRaw('tcp', running.port, sender)
  const packets = packetsOf(again)
  again.send(Buffer.concat([publish(1, 1, '1', true), request(true)]))
  await expect.poll(() => payloads(packets, 'reply/sender/account/me')).toHaveLength(1)
  for (const client of [other, again]) client.close()
})

test('PUBREC is not said of a message at QoS 2 that is sent again while its first coming is undone', async () => {
  const { store, fail, asked } = failingLater(write => write.kind === 'begun')
  await using running = await start(store)
  const first = await connectRaw('tcp', running.port, sender)
  first.send(publish(2, 7, 'x'))
  await asked
  first.close()
  const again = await connectRaw('tcp', running.port, sender)
  const packets = packetsOf(again)
  again.send(publish(2, 7, 'x', true))
  const other = await connectRaw('tcp', running.port, { clientId: 'other', ...user })
  other.send(publish(1, 1, 'y'))
  await new Promise(resolve => setTimeout(resolve, 50))
  again.send(publish(2, 7, 'x', true))
  await new Promise(resolve => setTimeout(resolve, 50))
  fail()
  await new Promise(resolve => setTimeout(resolve, 200))
  const acknowledged = got(packets, 'pubrec', 7)() !== undefined
  expect({ acknowledged, kept: (await payloadsOf(store, 'away')).includes('x') }).not.toEqual({
    acknowledged: true,
    kept: false,
  })
  again.close()
  other.close()
})

test('a message at QoS 2 is not taken for the one before by its id, of which the end was undone and told', async () => {
  const { store, fail, asked } = failingLater(write => write.kind === 'released')
  await using running = await start(store)
  const first = await connectRaw('tcp', running.port, sender)
  expect(
    (
      await exchange(first, {
        cmd: 'publish',
        topic: 'app/x',
        payload: 'a',
        qos: 2,
        messageId: 7,
        dup: false,
        retain: false,
      })
    ).cmd,
  ).toBe('pubrec')
  first.send(generate({ cmd: 'pubrel', messageId: 7 }))
  await asked
  first.close()
  const early = await connectRaw('tcp', running.port, sender)
  early.send(generate({ cmd: 'pubrel', messageId: 7 }))
  await new Promise(resolve => setTimeout(resolve, 50))
  fail()
  await early.closed // it was told nothing, and asks again
  const again = await connectRaw('tcp', running.port, sender)
  const packets = packetsOf(again)
  again.send(generate({ cmd: 'pubrel', messageId: 7 }))
  await expect.poll(got(packets, 'pubcomp', 7)).toBeDefined()
  again.send(publish(2, 7, 'b'))
  await expect.poll(got(packets, 'pubrec', 7)).toBeDefined()
  await expect.poll(() => payloadsOf(store, 'away')).toEqual(['a', 'b'])
  again.close()
})
