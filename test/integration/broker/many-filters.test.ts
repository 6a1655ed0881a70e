import { generate, type Packet } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { got, unsubscribePacket } from '../../support/packets.ts'
import { connectRaw, exchange, packetsOf, type RawClient } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { logged, registerUser, serviceToken } from '../../support/story.ts'

const filtersOf = (count: number, packet = 0) => Array.from({ length: count }, (_, n) => `app/house/${packet}/${n}`)
const connectService = (running: RunningApp, password: string, clean = true): Promise<RawClient> =>
  connectRaw('tcp', running.app.ports.mqtt, { clientId: 'house', username: 'jwt', password, clean })

/** The codes of the SUBACK. */
async function subscribe(raw: RawClient, messageId: number, filters: readonly string[], qos: 0 | 1 = 1) {
  const subscriptions = filters.map(topic => ({ topic, qos }))
  const answer = await exchange(raw, { cmd: 'subscribe', messageId, subscriptions })
  return answer.cmd === 'suback' ? answer.granted.map(Number) : []
}
const count = (codes: readonly number[], code: number) => codes.filter(one => one === code).length

test.each([[true], [false]])(
  'an integration subscribes 500 filters in each of twenty packets, and no more than 10,000 (clean session: %s)',
  async clean => {
    await using running = await startApp()
    const raw = await connectService(running, await serviceToken(running), clean)
    for (let packet = 0; packet < 20; packet++) {
      const codes = await subscribe(raw, packet + 1, filtersOf(500, packet))
      expect([codes.length, count(codes, 1)]).toEqual([500, 500])
    }
    expect(await subscribe(raw, 21, ['app/one-more', 'app/house/0/0'])).toEqual([128, 1])
    await using sender = await connectClient(running.mqttUrl, {
      username: 'jwt',
      password: await serviceToken(running, 's'),
    })
    const received = packetsOf(raw)
    for (const topic of ['app/house/0/0', 'app/house/19/499', 'app/one-more'])
      await sender.mqtt.publishAsync(topic, topic, { qos: 1 })
    await expect.poll(() => received.length).toBe(2)
    raw.close()
  },
)

test('the first thousand filters of one SUBSCRIBE of an integration are granted, and one line says how many there were', async () => {
  await using running = await startApp()
  const raw = await connectService(running, await serviceToken(running))
  const codes = await subscribe(raw, 65_535, filtersOf(1500), 0)
  expect(codes).toEqual([...Array.from({ length: 1000 }, () => 0), ...Array.from({ length: 500 }, () => 128)])
  const lines = running.lines.filter(line => line.includes('"subscribe-refused"'))
  expect(lines).toEqual([expect.stringContaining('"rule":"too-many-filters-in-packet","count":1500')])
  expect(await subscribe(raw, 1, ['app/house/0/1200'])).toEqual([1])
  raw.close()
})

test('a client that is no integration may have a hundred filters in one SUBSCRIBE, and a thousand in all', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'phone', username: 'jwt', password: token })
  const own = (packet: number) => filtersOf(150).map(filter => `reply/phone/${packet}/${filter}`)
  const granted: number[] = []
  for (let packet = 0; packet < 11; packet++) granted.push(count(await subscribe(raw, packet + 1, own(packet)), 1))
  expect(granted).toEqual([...Array.from({ length: 10 }, () => 100), 0])
  raw.close()
  await client[Symbol.asyncDispose]()
})

test.each([[true], [false]])(
  'an UNSUBSCRIBE may name all that a session has, in one packet with one answer (clean session: %s)',
  async clean => {
    await using running = await startApp({ limits: { filtersPerPacket: 1000, filtersPerSession: 1000 } })
    const token = await serviceToken(running)
    const raw = await connectService(running, token, clean)
    const filters = filtersOf(1000)
    expect(count(await subscribe(raw, 1, filters), 1)).toBe(1000)
    const received: Packet[] = packetsOf(raw)
    raw.send(Buffer.concat([unsubscribePacket(2, ...filters), Buffer.of(0xc0, 0)]))
    await expect
      .poll(() => received.map(({ cmd, messageId }) => [cmd, messageId]))
      .toEqual([
        ['unsuback', 2],
        ['pingresp', undefined],
      ])
    expect(count(await subscribe(raw, 3, filtersOf(1000, 1)), 1)).toBe(1000) // there is room again
    raw.close()
  },
)

test('an UNSUBSCRIBE of more than that ends its session, which says of how many', async () => {
  await using running = await startApp()
  const raw = await connectService(running, await serviceToken(running))
  raw.send(unsubscribePacket(1, ...filtersOf(10_001)))
  await raw.closed
  const reason = '"reason":"too-many-filters-in-packet: UNSUBSCRIBE of 10001"'
  await expect.poll(() => logged(running, '"session-closed"', '"house"', reason)).toBe(true)
})

test('what follows a SUBSCRIBE of many filters in the same chunk is answered after it', async () => {
  await using running = await startApp()
  const raw = await connectService(running, await serviceToken(running), false)
  const received = packetsOf(raw)
  const packet = (messageId: number, from: number) =>
    generate({ cmd: 'subscribe', messageId, subscriptions: filtersOf(350, from).map(topic => ({ topic, qos: 1 })) })
  raw.send(Buffer.concat([Buffer.of(0xc0, 0), packet(1, 0), Buffer.of(0xc0, 0), packet(2, 1), Buffer.of(0xc0, 0)]))
  await expect.poll(got(received, 'suback', 2)).toBeDefined()
  await expect
    .poll(() => received.map(({ cmd }) => cmd))
    .toEqual(['pingresp', 'suback', 'pingresp', 'suback', 'pingresp'])
  raw.close()
})

test('nobody but an integration has filters of more than 512 characters, of which a thousand would fill the memory', async () => {
  await using running = await startApp()
  const guest = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'guest' })
  const own = (length: number) => 'reply/guest/'.padEnd(length, 'x')
  expect(await subscribe(guest, 1, [own(512), own(513), own(60_000)])).toEqual([1, 128, 128])
  expect(running.lines.some(line => line.includes('"rule":"filter-too-long"'))).toBe(true)
  const service = await connectService(running, await serviceToken(running))
  expect(await subscribe(service, 1, ['app/house/'.padEnd(60_000, 'x')])).toEqual([1])
  for (const raw of [guest, service]) raw.close()
})
