import { createHmac, randomBytes } from 'node:crypto'
import { connect, type MqttClient } from 'mqtt'
import type * as z from 'zod/mini'
import { hostIn } from '../../src/protocol/broker-url.ts'
import { isJsonObject } from '../../src/protocol/json.ts'
import { enrollmentMessage, enrollmentOperations } from '../../src/protocol/operations/enrollment.ts'
import { topics } from '../../src/protocol/topics.ts'

/** What a factory has put on the device, and where the broker is. */
export interface EnrollOptions {
  /** `mqtt://host:1883`, `mqtts://…`, `ws://host:8080/mqtt` or `wss://…`. */
  readonly url: string
  readonly type: string
  /** 1 to 31 of `A–Z a–z 0–9 _ -`; unique among the devices of the type. */
  readonly serial: string
  /** As `latchkey product enable` prints it. */
  readonly productSecret: string
  /** Milliseconds since 1970, for a device that keeps time otherwise. */
  readonly now?: () => number
}

/** The device's own secret. It must be kept where no update and no reset of the device erases it, for it is not issued a second time. */
export type Enrolled = z.infer<(typeof enrollmentOperations)['device/enroll']['data']>

/** The broker refused; `code` is one of the table in docs/protocol.md, and `message` its text. */
export class EnrollmentRefused extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.name = 'EnrollmentRefused'
    this.code = code
  }
}

const operation = 'device/enroll'
const replySchema = enrollmentOperations[operation].data
const answerWithinMs = 15_000

/** Asks for the device's id and secret, on a connection of its own that is closed again. Rejects with {@link EnrollmentRefused}, or a network error. */
export async function enroll(options: EnrollOptions): Promise<Enrolled> {
  const clientId = `enroll-${randomBytes(8).toString('hex')}`
  const settings = { ...hostIn(options.url), protocolVersion: 4, clean: true, reconnectPeriod: 0 } as const
  const client = connect(options.url, { clientId, ...settings })
  let timer: NodeJS.Timeout | undefined
  const failed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the broker did not answer in time')), answerWithinMs)
    client.on('error', reject)
    client.on('close', () => reject(new Error('the connection was closed before the broker answered')))
  })
  try {
    return parseAnswer(await Promise.race([ask(client, clientId, options), failed]))
  } finally {
    clearTimeout(timer)
    await client.endAsync(true)
  }
}

async function ask(client: MqttClient, clientId: string, options: EnrollOptions): Promise<Buffer> {
  const { type, serial, productSecret, now = Date.now } = options
  await new Promise<void>(resolve => void client.once('connect', () => resolve()))
  const answer = nextOn(client, topics.reply(clientId, operation))
  await client.subscribeAsync(topics.replies(clientId), { qos: 1 })
  const facts = { type, serial, timestamp: Math.floor(now() / 1000) }
  const signature = createHmac('sha256', productSecret).update(enrollmentMessage(facts)).digest('hex')
  client.publish(topics.request(clientId, operation), JSON.stringify({ ...facts, signature }))
  return answer
}

/** The first message on `topic`. */
const nextOn = (client: MqttClient, topic: string): Promise<Buffer> =>
  new Promise(resolve => {
    client.on('message', (from, payload) => {
      if (from === topic) resolve(payload)
    })
  })

function parseAnswer(payload: Buffer): Enrolled {
  const answer: unknown = JSON.parse(payload.toString('utf8'))
  if (!isJsonObject(answer)) throw new Error('the broker answered with something else than a JSON object')
  const { code, msg, data } = answer
  if (code !== 0) throw new EnrollmentRefused(Number(code), String(msg))
  return replySchema.parse(data)
}
