import mqtt, { type IClientOptions, type Packet } from 'mqtt'
import type { IPubackPacket, ISubackPacket } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { startBroker } from '../../../support/start-broker.ts'

const user = { username: 'jwt', password: 'x' } as const

async function connect5(url: string, options: IClientOptions = {}) {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...user, ...options })
  client.on('error', () => {})
  const packets: Packet[] = []
  client.on('packetreceive', packet => void packets.push(packet))
  const got = async <P extends Packet>(cmd: P['cmd']) => {
    await expect.poll(() => packets.some(packet => packet.cmd === cmd)).toBe(true)
    return packets.find((packet): packet is P => packet.cmd === cmd)
  }
  return { client, packets, got, [Symbol.asyncDispose]: () => client.endAsync(true) }
}

test('PUBACK and PUBREC say why a message is refused, and no notification does beside them', async () => {
  await using broker = await startBroker()
  await using one = await connect5(broker.url, { clientId: 'one', properties: { userProperties: { language: 'zh' } } })
  await one.client.subscribeAsync('notify/one/#')
  const heard: string[] = []
  one.client.on('message', topic => void heard.push(topic))
  for (const qos of [1, 2] as const) {
    await expect(one.client.publishAsync('devices/d2/set', '{}', { qos })).rejects.toThrow(/Not authorized/)
    const answer = await one.got<IPubackPacket>(qos === 1 ? 'puback' : ('pubrec' as never))
    expect(answer).toMatchObject({
      reasonCode: 0x87,
      properties: {
        reasonString: expect.stringContaining('没有权限'),
        userProperties: { rule: 'no-rule', code: '4003' },
      },
    })
  }
  one.client.publish('devices/d2/set', '{}')
  await expect.poll(() => heard).toEqual(['notify/one/denied'])
})

test('PUBACK says that nobody reads a topic', async () => {
  await using broker = await startBroker()
  await using one = await connect5(broker.url, { clientId: 'd1', username: 'd1' })
  await one.client.publishAsync('devices/d1/event/x', '', { qos: 1 })
  expect(await one.got<IPubackPacket>('puback')).toMatchObject({ reasonCode: 0x10 })
})

test('invalid text is refused, and a client that asks for no problem information gets only a code', async () => {
  await using broker = await startBroker()
  await using one = await connect5(broker.url, {
    clientId: 'd1',
    username: 'd1',
    properties: { requestProblemInformation: false },
  })
  const properties = { payloadFormatIndicator: true }
  await expect(one.client.publishAsync('devices/d1/event/x', Buffer.of(0xff), { qos: 1, properties })).rejects.toThrow(
    /Payload format invalid/,
  )
  const puback = await one.got<IPubackPacket>('puback')
  expect(puback?.reasonCode).toBe(0x99)
  expect(puback?.properties).toBeUndefined()
})

test('SUBACK says why each filter is refused, and UNSUBACK which were none', async () => {
  await using broker = await startBroker({ limits: { filtersPerPacketOfOthers: 3 } })
  await using one = await connect5(broker.url)
  const filters = ['devices/d1/state', 'devices/d2/state', 'a/b', 'devices/d1/event/x', 'devices/d1/event/y']
  await one.client.subscribeAsync(filters).catch(() => {})
  expect(await one.got<ISubackPacket>('suback')).toMatchObject({
    granted: [0, 0x87, 0x87, 0x97, 0x97],
    properties: { reasonString: expect.stringContaining('no-rule') },
  })
  await one.client.unsubscribeAsync(['devices/d1/state', 'never/was']).catch(() => {})
  expect(await one.got('unsuback' as never)).toMatchObject({ granted: [0, 0x11] })
})
