import { randomBytes } from 'node:crypto'
import { parseJsonObject } from '../../domain/json.ts'
import type { MessageProperties } from '../../domain/message.ts'
import { authenticationMethod, tokenUsername } from '../../domain/sign-in.ts'
import type { PacketFault } from '../../protocol/packet-faults.ts'
import type { ConnectExtras, WillExtras } from '../transport/connect-extras.ts'
import { flagsFault } from '../transport/packets/check-connect.ts'
import { packetType } from '../transport/packets/packet-types.ts'
import { endOfField, textFault, topicNameFault } from '../transport/packets/read-text.ts'
import type { Properties } from './property-table.ts'
import { readProperties, responseTopicFault } from './read-properties.ts'
import { field, packetOf } from './write-packet.ts'

const flag = { cleanStart: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, username: 0x80 } as const
/** `MQTT` with its length, and the level. */
const flagsAt = 7
const fieldsAt = 10
const mqtt311Begins = Buffer.of(0, 4, ...Buffer.from('MQTT'), 4)
const lastSecond = 0xffff_ffff

/** A CONNECT of MQTT 5. */
export interface Connect5 {
  readonly extras: ConnectExtras
  /** What the client accepts. */
  readonly properties: Properties
  /** The same CONNECT in the form of MQTT 3.1.1. */
  readonly as311: Buffer
}

/** Reads a CONNECT of MQTT 5 whose body is `bytes` from `body` up to `end` (MQTT 5 section 3.1), or says what is wrong. */
export function readConnect5(bytes: Buffer, body: number, end: number): Connect5 | PacketFault {
  if (body + fieldsAt > end) return 'cut short'
  const flags = bytes[body + flagsAt] ?? 0
  const wrong = flagsFault(flags & ~flag.password)
  if (wrong) return wrong
  const found = readProperties(bytes, body + fieldsAt, end, 'CONNECT')
  if (typeof found === 'string') return found
  const { properties } = found
  if (properties.authenticationData && properties.authenticationMethod === undefined)
    return 'authentication data without a method'
  const reading = new Fields(bytes, found.end, end)
  const givenId = reading.text()
  const will = flags & flag.will ? readWill(reading) : undefined
  const username = flags & flag.username ? reading.text() : undefined
  const password = flags & flag.password ? reading.data() : undefined
  if (reading.fault) return reading.fault
  if (reading.at !== end) return 'bytes left over'
  const clientId = givenId === '' ? `auto-${randomBytes(8).toString('hex')}` : givenId
  const cleanStart = (flags & flag.cleanStart) > 0
  const sessionExpirySeconds = expiryOf(properties)
  return {
    properties,
    extras: extrasOf(properties, {
      cleanStart,
      sessionExpirySeconds,
      ...(givenId === '' && { isIdAssigned: true }),
      ...(will && { will: will.extras }),
    }),
    as311: write311({
      keepAlive: bytes.subarray(body + 8, body + 10),
      flags,
      isClean: cleanStart && sessionExpirySeconds === 0,
      clientId,
      will,
      ...credentialsOf(username, password, properties),
    }),
  }
}

/** An interval of all ones means that the session never expires [MQTT-3.1.2-23]. */
export const expiryOf = ({ sessionExpirySeconds = 0 }: Properties): number =>
  sessionExpirySeconds === lastSecond ? Number.POSITIVE_INFINITY : sessionExpirySeconds

interface Will {
  readonly topic: string
  readonly payload: Buffer
  readonly extras: WillExtras
}

function readWill(reading: Fields): Will {
  const properties = reading.properties('will')
  reading.fault ??= responseTopicFault(properties)
  const topic = reading.topic()
  const payload = reading.data()
  const { willDelaySeconds = 0, messageExpirySeconds } = properties
  const handedOn = messageProperties(properties)
  return {
    topic,
    payload,
    extras: {
      delaySeconds: willDelaySeconds,
      ...(messageExpirySeconds !== undefined && { expirySeconds: messageExpirySeconds }),
      ...(handedOn && { properties: handedOn }),
    },
  }
}

/** The properties that are handed on to the readers of a message; undefined when there are none. */
export function messageProperties(properties: Properties): MessageProperties | undefined {
  const { payloadFormat, contentType, responseTopic, correlationData, userProperties } = properties
  const handedOn: MessageProperties = {
    ...(payloadFormat === 1 && { isText: true as const }),
    ...(contentType !== undefined && { contentType }),
    ...(responseTopic !== undefined && { responseTopic }),
    ...(correlationData && { correlationData }),
    ...(userProperties && { userProperties }),
  }
  return Object.keys(handedOn).length > 0 ? handedOn : undefined
}

function extrasOf(properties: Properties, others: ConnectExtras): ConnectExtras {
  const { authenticationMethod, receiveMaximum, userProperties = [] } = properties
  const language = userProperties.find(([name]) => name === 'language')?.[1]
  return {
    ...others,
    ...(language !== undefined && { language }),
    ...(receiveMaximum !== undefined && { receiveMaximum }),
    ...(authenticationMethod !== undefined && { authenticationMethod }),
  }
}

interface Credentials {
  readonly username?: Buffer | string | undefined
  readonly password?: Buffer | string | undefined
}

/** The token is in the authentication data, or is a password without a user name, which MQTT 5 allows. A user name takes precedence. */
function credentialsOf(
  username: string | undefined,
  password: Buffer | undefined,
  { authenticationMethod: method, authenticationData: data }: Properties,
): Credentials {
  if (username !== undefined) return { username, password }
  if (password) return { username: tokenUsername, password }
  const token = method === authenticationMethod && data ? tokenIn(data) : undefined
  return token === undefined ? {} : { username: tokenUsername, password: token }
}

/** The token in the authentication data; an empty one, which is refused, when they cannot be read. */
function tokenIn(data: Buffer): string | undefined {
  const { token } = parseJsonObject(data) ?? { token: '' }
  return typeof token === 'string' || token === undefined ? token : ''
}

function write311(
  parts: Credentials & {
    readonly keepAlive: Buffer
    readonly flags: number
    readonly isClean: boolean
    readonly clientId: string
    readonly will: Will | undefined
  },
): Buffer {
  const { keepAlive, flags, isClean, clientId, will, username, password } = parts
  const willFlags = flags & (flag.will | flag.willRetain | 0x18)
  const flags311 =
    willFlags |
    (isClean ? flag.cleanStart : 0) |
    (username === undefined ? 0 : flag.username) |
    (password === undefined ? 0 : flag.password)
  return packetOf(
    packetType.connect << 4,
    mqtt311Begins,
    Buffer.of(flags311),
    keepAlive,
    field(clientId),
    ...(will ? [field(will.topic), field(will.payload)] : []),
    ...[username, password].flatMap(one => (one === undefined ? [] : [field(one)])),
  )
}

/** Reads the fields of a packet one after another; after the first fault they are empty. */
class Fields {
  readonly #bytes: Buffer
  readonly #end: number
  at: number
  fault: PacketFault | undefined

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.at = at
    this.#end = end
  }

  data(): Buffer {
    const from = this.at
    const fieldEnd = this.fault ? undefined : endOfField(this.#bytes, from, this.#end)
    if (fieldEnd === undefined) {
      this.fault ??= 'cut short'
      return Buffer.of()
    }
    this.at = fieldEnd
    return this.#bytes.subarray(from + 2, fieldEnd)
  }

  text(check = textFault): string {
    const bytes = this.data()
    this.fault ??= check(bytes, 0, bytes.length)
    return this.fault ? '' : bytes.toString()
  }

  topic(): string {
    return this.text(topicNameFault)
  }

  properties(place: 'will'): Properties {
    if (this.fault) return {}
    const found = readProperties(this.#bytes, this.at, this.#end, place)
    if (typeof found === 'string') {
      this.fault = found
      return {}
    }
    this.at = found.end
    return found.properties
  }
}
