import fc from 'fast-check'
import { generate, type Packet, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { openMqtt5 } from '../../../../src/broker/edge5/mqtt5.ts'
import type { Dialect } from '../../../../src/broker/transport/dialect.ts'
import { bodyOf } from '../../../../src/broker/transport/packets/filter-portions.ts'
import { Publication } from '../../../../src/broker/transport/packets/publication.ts'
import { anyBytes, anyPacketId, anyText, anyTopicText, anyUserPairs } from '../../../support/arbitrary-packets5.ts'

const options = { receiveMaximum: 20, maxPacketBytes: 100_000, now: () => 0 }
const connack = Buffer.of(0x20, 2, 0, 0)
const refusedConnack = Buffer.of(0x20, 2, 0, 5)

function open(properties: Record<string, unknown> = {}, clientId = 'one'): Dialect {
  const connect = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId, properties } as const
  const bytes = generate({ ...connect, keepalive: 0 }, { protocolVersion: 5 })
  const opened = openMqtt5(options)(bytes, bodyOf(bytes), bytes.length)
  if (typeof opened === 'string') throw new Error(opened)
  return opened
}

/** The one packet that these bytes are. */
function read(bytes: Buffer | undefined): Packet {
  if (!bytes) throw new Error('nothing was written')
  const packets: Packet[] = []
  const reading = parser({ protocolVersion: 5 })
  reading.on('packet', packet => void packets.push(packet))
  reading.on('error', error => {
    throw error
  })
  expect(reading.parse(bytes)).toBe(0)
  const [packet, ...others] = packets
  if (!packet || others.length > 0) throw new Error(`${packets.length} packets`)
  return packet
}

const welcome = { sessionExpirySeconds: 60, isGuest: false, clientId: 'one', sharedSubscriptions: false }

function letIn(properties: Record<string, unknown> = {}): Dialect {
  const dialect = open(properties)
  dialect.welcome(welcome)
  dialect.fromEngine?.(connack)
  return dialect
}

const flat = (users: unknown) =>
  Object.entries(users ?? {}).flatMap(([name, values]) => [values].flat().map(value => [name, value]))

test('mqtt-packet reads every PUBLISH as it was meant', () => {
  const anyFlags = fc.record(
    {
      retain: fc.boolean(),
      identifiers: fc.uniqueArray(fc.integer({ min: 1, max: 268_435_455 }), { minLength: 1, maxLength: 4 }),
      handshake: fc.record({ messageId: anyPacketId, qos: fc.constantFrom(1 as const, 2 as const), dup: fc.boolean() }),
    },
    { requiredKeys: [] },
  )
  const anyMessage = fc.record({
    topic: anyTopicText,
    payload: anyBytes,
    seconds: fc.option(fc.constantFrom(0, 1, 4_294_967_295), { nil: undefined }),
    properties: fc.option(
      fc.record(
        {
          isText: fc.constant(true as const),
          contentType: anyText,
          responseTopic: anyTopicText,
          correlationData: anyBytes,
          userProperties: anyUserPairs,
        },
        { requiredKeys: [] },
      ),
      { nil: undefined },
    ),
  })
  fc.assert(
    fc.property(anyMessage, anyFlags, fc.boolean(), ({ topic, payload, seconds, properties }, flags, withAliases) => {
      const dialect = letIn(withAliases ? { topicAliasMaximum: 3 } : {})
      const message = {
        topic,
        payload,
        ...(seconds !== undefined && { expiresAtMs: seconds * 1000 }),
        ...(properties && { properties }),
      }
      const isAliased = withAliases && !flags.handshake
      for (const isAgain of [false, true]) {
        const packet = read(dialect.publish(new Publication(message), flags))
        if (packet.cmd !== 'publish') throw new Error(packet.cmd)
        expect(packet).toMatchObject({
          topic: isAliased && isAgain ? '' : topic,
          payload,
          retain: flags.retain ?? false,
          qos: flags.handshake?.qos ?? 0,
          dup: flags.handshake?.dup ?? false,
          ...(flags.handshake && { messageId: flags.handshake.messageId }),
        })
        const told = packet.properties ?? {}
        expect(told.topicAlias).toBe(isAliased ? 1 : undefined)
        expect(told.messageExpiryInterval).toBe(seconds)
        expect(told.payloadFormatIndicator).toBe(properties?.isText)
        expect(told.contentType).toBe(properties?.contentType)
        expect(told.responseTopic).toBe(properties?.responseTopic)
        expect(told.correlationData).toEqual(properties?.correlationData)
        expect([told.subscriptionIdentifier ?? []].flat()).toEqual(flags.identifiers ?? [])
        const names = new Set(properties?.userProperties?.map(([name]) => name))
        if (![...names].some(name => name in {}))
          // an object of mqtt-packet's cannot hold those
          expect(flat(told.userProperties).sort()).toEqual(
            [...(properties?.userProperties ?? [])].map(p => [...p]).sort(),
          )
      }
    }),
  )
})

test('mqtt-packet reads CONNACK, and the reason of one that says no', () => {
  const dialect = open({ sessionExpiryInterval: 3600, requestResponseInformation: true })
  dialect.welcome(welcome)
  expect(read(dialect.fromEngine?.(Buffer.of(0x20, 2, 1, 0)))).toMatchObject({
    cmd: 'connack',
    sessionPresent: true,
    reasonCode: 0,
    properties: {
      sessionExpiryInterval: 60,
      receiveMaximum: 20,
      maximumPacketSize: 100_000,
      topicAliasMaximum: 16,
      responseInformation: 'reply/one/',
      sharedSubscriptionAvailable: false,
    },
  })
  const refused = open()
  refused.refuseConnect({ rule: 'bad-credentials', code: 4001, text: 'ü' })
  expect(read(refused.fromEngine?.(refusedConnack))).toMatchObject({
    cmd: 'connack',
    sessionPresent: false,
    reasonCode: 0x86,
    properties: { reasonString: 'ü', userProperties: { rule: 'bad-credentials', code: '4001' } },
  })
  expect(refused.farewell({ rule: 'kicked' })).toBeUndefined()
})

test.each(['puback', 'pubrec', 'pubrel', 'pubcomp'] as const)(
  'mqtt-packet reads %s with and without a reason',
  type => {
    fc.assert(
      fc.property(anyPacketId, anyText, (messageId, text) => {
        const dialect = letIn()
        expect(read(dialect.answer(type, messageId, undefined))).toMatchObject({ cmd: type, messageId, reasonCode: 0 })
        if (type === 'pubrel' || type === 'pubcomp') return
        expect(read(dialect.answer(type, messageId, { rule: 'no-rule', code: 4003, text }))).toMatchObject({
          cmd: type,
          messageId,
          reasonCode: 0x87,
          properties: { reasonString: text, userProperties: { rule: 'no-rule', code: '4003' } },
        })
      }),
    )
  },
)

test('mqtt-packet reads SUBACK and UNSUBACK with a reason code for each filter', () => {
  const dialect = letIn()
  dialect.refuseFilter({ rule: 'no-rule' })
  dialect.refuseFilter({ rule: 'malformed-topic' })
  expect(read(dialect.fromEngine?.(Buffer.of(0x90, 6, 0, 9, 1, 0x80, 2, 0x80)))).toMatchObject({
    cmd: 'suback',
    messageId: 9,
    granted: [1, 0x87, 2, 0x8f],
    properties: { reasonString: 'no-rule, malformed-topic' },
  })
  const unsubscribe = generate({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['a', 'b'] })
  dialect.engineTakes(10, unsubscribe, undefined)
  expect(read(dialect.fromEngine?.(Buffer.of(0xb0, 2, 0, 7)))).toMatchObject({
    cmd: 'unsuback',
    messageId: 7,
    granted: [0x11, 0x11],
  })
})

test.each([
  [undefined, 0x8b],
  [0x81, 0x81],
])('mqtt-packet reads DISCONNECT, which is the last packet (reason code %s)', (given, told) => {
  const dialect = letIn()
  expect(read(dialect.farewell({ rule: 'broker-stopping' }, given))).toMatchObject({
    cmd: 'disconnect',
    reasonCode: told,
    properties: { reasonString: 'broker-stopping' },
  })
  expect(dialect.farewell({ rule: 'broker-stopping' })).toBeUndefined()
})

test('no packet but CONNACK is larger than a client takes, and every one is still whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 60 }), anyText, (maximumPacketSize, text) => {
      const dialect = letIn({ maximumPacketSize })
      dialect.refuseFilter({ rule: text })
      const reason = { rule: 'no-rule', code: 4003, text: text.repeat(3) }
      for (const bytes of [
        dialect.answer('puback', 1, reason),
        dialect.fromEngine?.(Buffer.of(0x90, 3, 0, 9, 0x80)) ?? Buffer.of(),
        dialect.farewell(reason) ?? Buffer.of(),
      ]) {
        read(bytes)
        if (maximumPacketSize >= 6) expect(bytes.length).toBeLessThanOrEqual(maximumPacketSize)
      }
      const message = new Publication({ topic: 'a/b', payload: Buffer.from(text) })
      expect(dialect.publish(message, {})?.length ?? 0).toBeLessThanOrEqual(maximumPacketSize)
    }),
  )
})
