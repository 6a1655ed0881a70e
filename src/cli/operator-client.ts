import type { MqttClient } from 'mqtt'
import * as z from 'zod'
import { type Config, otherVariables } from '../config/config.ts'
import { hostIn, mqttUrlOf } from '../protocol/broker-url.ts'
import { topics } from '../protocol/topics.ts'
import type { CommandAnswer, CommandContext } from './command-context.ts'
import { urlHost } from './output/url-host.ts'

const tokenVariable = otherVariables.token
/** Lifetime of a token that is issued for one command. */
const ttlSeconds = 12 * 3600
const replyTimeoutMs = 10_000
/** HAProxy closes a connection that was silent for 50 s, nginx after 60 s. */
const keepAliveSeconds = 30
const replySchema = z.object({ id: z.string(), code: z.number(), msg: z.string(), data: z.unknown() })

/** Help texts of `--url` and `--operator`. */
export const operatorOptionTexts = {
  url: 'address of the broker; from the configuration by default',
  operator: `sign in as this operator, with a token from the data folder; otherwise the token in ${tokenVariable}`,
} as const

/** A connection of an operator to the running broker. */
export interface OperatorClient {
  readonly mqtt: MqttClient
  /** The data of the reply. Rejects with its message when it is refused. */
  request(operation: string, body: object): Promise<unknown>
  end(): Promise<void>
}

/** The token to connect with: issued from the data folder for the operator named, or taken from the environment. */
export async function tokenFor(
  { origin, withBackend }: CommandContext,
  user: string | undefined,
): Promise<string | (CommandAnswer & { readonly refused: string })> {
  const given = origin.env[tokenVariable]
  if (user === undefined)
    return given || { refused: `give --operator, or put an operator's token into ${tokenVariable}` }
  const account = await withBackend(({ administration }) => administration.accountNamed(user))
  if (account?.role !== 'operator') return { refused: `there is no operator named ${JSON.stringify(user)}` }
  const issued = await withBackend(({ administration }) => administration.issueToken({ user, ttlSeconds }))
  return typeof issued === 'string' ? { refused: `the account ${JSON.stringify(user)} is ${issued}` } : issued.token
}

/** Rejects when the broker refuses or is not there. Only a connection that was accepted once reconnects. */
export async function connectOperator(command: string, given: string, token: string): Promise<OperatorClient> {
  const url = mqttUrlOf(given)
  const clientId = `${command}-${process.pid}-${Date.now().toString(36)}`
  const as = { clientId, username: 'jwt', password: token }
  const options = {
    ...hostIn(url),
    ...as,
    protocolVersion: 4,
    keepalive: keepAliveSeconds,
    connectTimeout: 10_000,
  } as const
  const { default: mqtt } = await import('mqtt')
  const client = await mqtt.connectAsync(url, options, false).catch((cause: Error) => {
    throw new Error(`${url}: ${cause.message}`)
  })
  client.on('error', () => {}) // mqtt.js connects again by itself
  let asked = 0
  return {
    mqtt: client,
    async request(operation, body) {
      const id = `${++asked}`
      const topic = topics.reply(clientId, operation)
      await client.subscribeAsync(topic)
      const reply = new Promise<z.output<typeof replySchema>>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${url}: no answer in time`)), replyTimeoutMs)
        client.on('message', function take(on, payload) {
          if (on !== topic) return
          const parsed = replySchema.safeParse(JSON.parse(payload.toString()))
          if (parsed.data?.id !== id) return
          clearTimeout(timer)
          client.off('message', take)
          resolve(parsed.data)
        })
      })
      await client.publishAsync(topics.request(clientId, operation), JSON.stringify({ ...body, id }))
      const { code, msg, data } = await reply
      // A 4003 with a detail is not about who asks.
      if (code === 4003 && !/[(（]/.test(msg))
        throw new Error(`the broker does not answer ${operation}: is the token an operator's?`)
      if (code !== 0) throw new Error(`${msg} (code ${code})`)
      return data
    },
    end: () => client.endAsync(true),
  }
}

/** The broker's address by this configuration, seen from this machine. Throws when the port is only known at its start. */
export function urlOf({ host, mqtt: { port } }: Config): string {
  // For port 0 mqtt.js would take 1883, and send the token to whatever listens there.
  if (port === 0) throw new Error('mqtt.port is 0, which means any free port: say with --url where the broker is')
  return `mqtt://${urlHost(host)}:${port}`
}
