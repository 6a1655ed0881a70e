import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { checkPacket5, readEnding, readFilters } from '../../../../src/broker/edge5/check-packet5.ts'
import { readConnect5 } from '../../../../src/broker/edge5/connect5.ts'
import { readPublish5 } from '../../../../src/broker/edge5/read-publish5.ts'
import { bodyOf } from '../../../../src/broker/transport/packets/filter-portions.ts'
import {
  any32Bits,
  anyBytes,
  anyPacketId,
  anyText,
  anyTopicText,
  anyUserPairs,
  asUserProperties,
} from '../../../support/arbitrary-packets5.ts'

const write = (packet: Packet) => generate(packet, { protocolVersion: 5 })
const check = (bytes: Buffer) => checkPacket5(bytes, bytes[0] ?? 0, bodyOf(bytes), bytes.length)
const optional = { requiredKeys: [] as never[] }

const anyMessageProperties = fc.record(
  {
    payloadFormatIndicator: fc.boolean(),
    messageExpiryInterval: any32Bits,
    contentType: anyText,
    responseTopic: anyTopicText,
    correlationData: anyBytes,
    userProperties: anyUserPairs,
  },
  optional,
)

type MessageProperties = typeof anyMessageProperties extends fc.Arbitrary<infer Value> ? Value : never

/** As the library is given them, and as they are handed on. */
function messageProperties({ userProperties: pairs, ...others }: MessageProperties) {
  const users = pairs && asUserProperties(pairs)
  const { payloadFormatIndicator, messageExpiryInterval: _, ...handedOn } = others
  return {
    given: { ...others, ...(users && { userProperties: users.given }) },
    handedOn: {
      ...handedOn,
      ...(payloadFormatIndicator && { isText: true }),
      ...(users && { userProperties: users.written }),
    },
  }
}

test('a PUBLISH that mqtt-packet writes is read as it was meant', () => {
  const anyPublish = fc.record({
    topic: anyTopicText,
    payload: anyBytes,
    qos: fc.constantFrom(0, 1, 2),
    retain: fc.boolean(),
    dup: fc.boolean(),
    messageId: anyPacketId,
    properties: anyMessageProperties,
    topicAlias: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
  })
  fc.assert(
    fc.property(anyPublish, ({ properties, topicAlias, qos, dup, ...publish }) => {
      const { given, handedOn } = messageProperties(properties)
      const withAlias = { ...given, ...(topicAlias !== undefined && { topicAlias }) }
      const bytes = write({
        cmd: 'publish',
        ...publish,
        qos: qos as 0 | 1 | 2,
        dup: qos > 0 && dup,
        properties: withAlias,
      })
      expect(check(bytes)).toBe(0)
      const read = readPublish5(bytes, 1000)
      const { messageExpiryInterval } = properties
      expect(read.topicAlias).toBe(topicAlias)
      expect(read.publish).toMatchObject({ ...publish, qos, messageId: qos === 0 ? 0 : publish.messageId })
      expect(read.publish.properties ?? {}).toEqual(handedOn)
      expect(read.publish.expiresAtMs).toBe(
        messageExpiryInterval === undefined ? undefined : 1000 + messageExpiryInterval * 1000,
      )
    }),
  )
})

test('a CONNECT that mqtt-packet writes is read as it was meant, with its will', () => {
  const anyConnect = fc.record({
    clientId: anyText.map(text => `c${text}`),
    clean: fc.boolean(),
    keepalive: fc.integer({ min: 0, max: 65_535 }),
    username: fc.option(
      anyText.filter(text => text !== ''),
      { nil: undefined },
    ),
    password: fc.option(
      anyBytes.filter(({ length }) => length > 0),
      { nil: undefined },
    ),
    properties: fc.record(
      {
        sessionExpiryInterval: any32Bits,
        receiveMaximum: fc.integer({ min: 1, max: 65_535 }),
        maximumPacketSize: fc.integer({ min: 1, max: 0xffff_ffff }),
        topicAliasMaximum: fc.integer({ min: 0, max: 65_535 }),
        requestResponseInformation: fc.boolean(),
        requestProblemInformation: fc.boolean(),
        authenticationMethod: anyText,
      },
      optional,
    ),
    userProperties: anyUserPairs,
    will: fc.option(
      fc.record({
        topic: anyTopicText,
        payload: anyBytes,
        qos: fc.constantFrom(0, 1, 2),
        retain: fc.boolean(),
        delay: any32Bits,
        properties: anyMessageProperties,
      }),
      { nil: undefined },
    ),
  })
  fc.assert(
    fc.property(anyConnect, ({ properties, userProperties, will, username, password, ...connect }) => {
      const users = asUserProperties(userProperties)
      const willProperties = will && messageProperties(will.properties)
      const bytes = write({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 5,
        ...connect,
        ...(username !== undefined && { username, ...(password && { password }) }),
        properties: { ...properties, userProperties: users.given },
        ...(will && {
          will: {
            topic: will.topic,
            payload: will.payload,
            qos: will.qos as 0 | 1 | 2,
            retain: will.retain,
            properties: { ...willProperties?.given, willDelayInterval: will.delay },
          },
        }),
      })
      const read = readConnect5(bytes, bodyOf(bytes), bytes.length)
      if (typeof read === 'string') throw new Error(read)
      const { sessionExpiryInterval: expiry = 0, requestResponseInformation, requestProblemInformation } = properties
      expect(read.properties).toEqual({
        ...(properties.sessionExpiryInterval !== undefined && { sessionExpirySeconds: expiry }),
        ...(properties.receiveMaximum !== undefined && { receiveMaximum: properties.receiveMaximum }),
        ...(properties.maximumPacketSize !== undefined && { maximumPacketBytes: properties.maximumPacketSize }),
        ...(properties.topicAliasMaximum !== undefined && { topicAliasMaximum: properties.topicAliasMaximum }),
        ...(requestResponseInformation !== undefined && {
          requestResponseInformation: Number(requestResponseInformation),
        }),
        ...(requestProblemInformation !== undefined && {
          requestProblemInformation: Number(requestProblemInformation),
        }),
        ...(properties.authenticationMethod !== undefined && { authenticationMethod: properties.authenticationMethod }),
        userProperties: users.written,
      })
      expect(read.extras).toMatchObject({
        cleanStart: connect.clean,
        sessionExpirySeconds: expiry === 0xffff_ffff ? Number.POSITIVE_INFINITY : expiry,
      })
      const { messageExpiryInterval: expirySeconds } = will?.properties ?? {}
      expect(read.extras.will).toEqual(
        will && {
          delaySeconds: will.delay,
          ...(expirySeconds !== undefined && { expirySeconds }),
          ...(Object.keys(willProperties?.handedOn ?? {}).length > 0 && { properties: willProperties?.handedOn }),
        },
      )
      expect(read.as311).toEqual(
        generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clientId: connect.clientId,
          keepalive: connect.keepalive,
          clean: connect.clean && expiry === 0,
          ...(username !== undefined && { username, ...(password && { password }) }),
          ...(will && {
            will: { topic: will.topic, payload: will.payload, qos: will.qos as 0 | 1 | 2, retain: will.retain },
          }),
        }),
      )
    }),
  )
})

test('a SUBSCRIBE and an UNSUBSCRIBE that mqtt-packet writes are read as they were meant', () => {
  const anySubscription = fc.record({
    topic: anyTopicText,
    qos: fc.constantFrom(0, 1, 2),
    nl: fc.boolean(),
    rap: fc.boolean(),
    rh: fc.constantFrom(0, 1, 2),
  })
  const anyIdentifier = fc.option(fc.oneof(fc.integer({ min: 1, max: 268_435_455 }), fc.constant(268_435_455)), {
    nil: undefined,
  })
  fc.assert(
    fc.property(
      anyPacketId,
      fc.array(anySubscription, { minLength: 1, maxLength: 10 }),
      anyIdentifier,
      anyUserPairs,
      (messageId, subscriptions, subscriptionIdentifier, pairs) => {
        const users = asUserProperties(pairs)
        const bytes = write({
          cmd: 'subscribe',
          messageId,
          subscriptions: subscriptions.map(one => ({ ...one, qos: one.qos as 0 | 1 | 2 })),
          properties: {
            ...(subscriptionIdentifier !== undefined && { subscriptionIdentifier }),
            userProperties: users.given,
          },
        })
        expect(check(bytes)).toBe(subscriptions.length)
        expect(readFilters(bytes, bodyOf(bytes), bytes.length, true)).toEqual({
          properties: {
            ...(subscriptionIdentifier !== undefined && { subscriptionIdentifier }),
            userProperties: users.written,
          },
          filters: subscriptions.map(({ topic, qos, nl, rap, rh }) => ({
            filter: topic,
            qos,
            noLocal: nl,
            retainAsPublished: rap,
            retainHandling: rh,
          })),
        })
        const filters = subscriptions.map(({ topic }) => topic)
        const unsubscribe = write({
          cmd: 'unsubscribe',
          messageId,
          unsubscriptions: filters,
          properties: { userProperties: users.given },
        })
        expect(check(unsubscribe)).toBe(filters.length)
        const read = readFilters(unsubscribe, bodyOf(unsubscribe), unsubscribe.length, false)
        expect(typeof read === 'string' ? read : read.filters.map(({ filter }) => filter)).toEqual(filters)
      },
    ),
  )
})

const ackCodes = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]

test.each([
  ['puback', 'PUBACK', ackCodes],
  ['pubrec', 'PUBACK', ackCodes],
  ['pubrel', 'PUBACK', [0, 0x92]],
  ['pubcomp', 'PUBACK', [0, 0x92]],
  ['disconnect', 'DISCONNECT', [0, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]],
  ['auth', 'AUTH', [0x18, 0x19]],
] as const)('each reason code and reason of %s that mqtt-packet writes is read', (cmd, place, codes) => {
  fc.assert(
    fc.property(fc.constantFrom(...codes), anyPacketId, anyText, anyUserPairs, (reasonCode, messageId, text, pairs) => {
      const users = asUserProperties(pairs)
      const properties = {
        ...(cmd === 'auth' && { authenticationMethod: 'm' }),
        reasonString: text,
        userProperties: users.given,
      }
      const bytes = write({ cmd, messageId, reasonCode, properties } as Packet)
      expect(check(bytes)).toBe(0)
      const from = bodyOf(bytes) + (place === 'PUBACK' ? 2 : 0)
      expect(readEnding(bytes, from, bytes.length, place)).toMatchObject({
        reasonCode,
        properties: { reasonString: text, userProperties: users.written },
      })
    }),
  )
})

test.each([
  [Buffer.of(0x40, 2, 0, 1), Buffer.of(0x40, 3, 0, 1, 0x10), Buffer.of(0x40, 4, 0, 1, 0x10, 0)],
  [Buffer.of(0x62, 2, 0, 1), Buffer.of(0x62, 3, 0, 1, 0x92), Buffer.of(0x62, 4, 0, 1, 0x92, 0)],
  [Buffer.of(0xe0, 0), Buffer.of(0xe0, 1, 4), Buffer.of(0xe0, 2, 4, 0)],
])('what stands at the end of a packet may be left out (%#)', (...packets) => {
  for (const packet of packets) expect(check(packet)).toBe(0)
})
