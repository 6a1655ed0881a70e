import mqtt, { type IClientOptions, type IConnackPacket, type IDisconnectPacket } from 'mqtt'
import { expect, test } from 'vitest'
import { startBroker } from '../../../support/start-broker.ts'

const user = { username: 'jwt', password: 'x' } as const

async function connect5(url: string, options: IClientOptions = {}) {
  const client = mqtt.connect(url, { protocolVersion: 5, reconnectPeriod: 0, ...user, ...options })
  client.on('error', () => {})
  const disconnects: IDisconnectPacket[] = []
  client.on('disconnect', packet => void disconnects.push(packet))
  const connack = await new Promise<IConnackPacket>((resolve, reject) => {
    client.once('packetreceive', packet => (packet.cmd === 'connack' ? resolve(packet) : reject(new Error(packet.cmd))))
    client.once('close', () => reject(new Error('closed')))
  })
  return { client, connack, disconnects, [Symbol.asyncDispose]: () => client.endAsync(true) }
}

test('CONNACK says what a client may do', async () => {
  await using broker = await startBroker({
    limits: { qos2Window: 20, maxPacketBytes: 100_000, sessionExpirySeconds: 60 },
  })
  await using one = await connect5(broker.url, {
    clientId: '',
    properties: { sessionExpiryInterval: 3600, requestResponseInformation: true },
  })
  const { properties } = one.connack
  expect(properties).toMatchObject({
    receiveMaximum: 20,
    maximumPacketSize: 100_000,
    topicAliasMaximum: 16,
    sessionExpiryInterval: 60,
    assignedClientIdentifier: expect.stringMatching(/^auto-[0-9a-f]{16}$/),
  })
  expect(properties?.responseInformation).toBe(`reply/${properties?.assignedClientIdentifier}/`)
})

test('a CONNECT is refused with a reason code, and the reason that stands in the log', async () => {
  await using broker = await startBroker({ authenticator: { authenticate: async () => 'account-disabled' } })
  const logged = new Promise<string>(resolve =>
    broker.events.once('connection-refused', ({ reason }) => resolve(reason)),
  )
  await using one = await connect5(broker.url)
  expect(one.connack).toMatchObject({ reasonCode: 0x87, properties: { reasonString: 'account-disabled' } })
  expect(await logged).toBe('account-disabled')
})

test('a session outlives its connection for as long as its client says, and a clean start forgets it', async () => {
  await using broker = await startBroker()
  const options = { clientId: 's', clean: false } as const
  const longer = { ...options, properties: { sessionExpiryInterval: 100 } }
  const presents: boolean[] = []
  for (const one of [options, options, longer, longer, { ...longer, clean: true }, options, options]) {
    const { client, connack } = await connect5(broker.url, one)
    presents.push(connack.sessionPresent)
    await client.endAsync()
  }
  expect(presents).toEqual([false, false, false, true, false, true, false])
})

test('a session is not there any more when its time is over, and DISCONNECT may change that time', async () => {
  await using broker = await startBroker()
  const options = { clientId: 's', clean: false, properties: { sessionExpiryInterval: 100 } } as const
  const first = await connect5(broker.url, options)
  await first.client.endAsync(false, { properties: { sessionExpiryInterval: 1 } })
  const leftAtMs = Date.now()
  await expect.poll(() => Date.now() - leftAtMs, { timeout: 5000 }).toBeGreaterThan(1200)
  const second = await connect5(broker.url, options)
  expect(second.connack.sessionPresent).toBe(false)
  await second.client.endAsync(false, { properties: { sessionExpiryInterval: 0 } })
  await using third = await connect5(broker.url, options)
  expect(third.connack.sessionPresent).toBe(false)
})

test('a client whose connection is ended is told why', async () => {
  await using broker = await startBroker()
  const first = await connect5(broker.url, { clientId: 'one' })
  await using second = await connect5(broker.url, { clientId: 'one' })
  await expect
    .poll(() => first.disconnects)
    .toMatchObject([{ reasonCode: 0x8e, properties: { reasonString: 'taken-over' } }])
  await broker.broker.disconnectAll()
  await expect
    .poll(() => second.disconnects)
    .toMatchObject([{ reasonCode: 0x8b, properties: { reasonString: 'broker-stopping' } }])
})

test('a will is sent too when a client says so as it leaves', async () => {
  await using broker = await startBroker()
  await using reader = await connect5(broker.url)
  const heard: string[] = []
  reader.client.on('message', (_topic, payload) => void heard.push(String(payload)))
  await reader.client.subscribeAsync('devices/d1/event/bye')
  const will = { topic: 'devices/d1/event/bye', payload: Buffer.from('bye'), qos: 0 as const, retain: false }
  const device = { clientId: 'd1', username: 'd1', will }
  const silent = await connect5(broker.url, device)
  await silent.client.endAsync()
  const reasons: string[] = []
  broker.events.on('session-closed', ({ reason }) => void reasons.push(reason))
  const speaking = await connect5(broker.url, device)
  await speaking.client.endAsync(false, { reasonCode: 4 })
  await expect.poll(() => heard).toEqual(['bye'])
  expect(reasons).toEqual(['disconnected-with-will'])
})
