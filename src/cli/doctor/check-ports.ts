import { createPublicKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, isIPv6 } from 'node:net'
import { join } from 'node:path'
import * as z from 'zod'
import type { Config } from '../../config/config.ts'
import { pathsIn } from '../../data-folder/data-files.ts'
import { signingKeyNumber } from '../../data-folder/signing-key-files.ts'
import { urlHost } from '../output/url-host.ts'
import { type Finding, ok, type Patient, problem } from './finding.ts'

const timeoutMs = 3000
const jwksSchema = z.object({ keys: z.array(z.object({ x: z.string().optional() })) })

/** What was found out about the ports. */
export interface FoundPorts {
  readonly findings: Finding[]
  /** A broker runs on this data folder. */
  readonly isRunning: boolean
  /** The time by its clock. */
  readonly dateMs?: number
}

/** Checks that each port is free, or held by the broker that already runs on this data folder. */
export async function checkPorts({ config }: Patient): Promise<FoundPorts> {
  const running = await runningBroker(config)
  const listeners = [
    { check: 'HTTP port', key: 'http.port', port: config.http.port, isOurs: async () => running !== undefined },
    {
      check: 'MQTT port',
      key: 'mqtt.port',
      port: config.mqtt.port,
      isOurs: () => speaksMqtt('mqtt', config.mqtt.port, config),
    },
    ...(config.tls
      ? [
          {
            check: 'MQTTS port',
            key: 'tls.port',
            port: config.tls.port,
            isOurs: () => speaksMqtt('mqtts', config.tls?.port ?? 0, config),
          },
          {
            check: 'HTTPS port',
            key: 'https.port',
            port: config.https.port,
            isOurs: async () => running !== undefined,
          },
        ]
      : []),
  ]
  const findings = await Promise.all(
    listeners.map(async ({ check, key, port, isOurs }) => {
      if (port === 0) return ok(check, 'any free port')
      const failure = await listenFailure(port, config.host)
      if (failure === undefined) return ok(check, `${port} is free`)
      if (failure === 'EADDRINUSE' && running && (await isOurs()))
        return ok(check, `${port} is held by our running broker`)
      return failure === 'EADDRINUSE'
        ? problem(check, `${port} is held by another program`, `stop that program (ss -ltnp), or set ${key}`)
        : problem(
            check,
            `${isIPv6(config.host) ? `[${config.host}]` : config.host}:${port} cannot be opened: ${failure}`,
            `set host and ${key} to an address and a port that this user may open`,
          )
    }),
  )
  return { findings, isRunning: running !== undefined, ...running }
}

/** The code of the error when listening fails; undefined when it succeeds. */
const listenFailure = (port: number, host: string): Promise<string | undefined> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ port, host }, () => server.close(() => resolve(undefined)))
  })

/** Finds a broker on the HTTP port that publishes a key of this data folder; any broker when the keys are secrets. */
async function runningBroker({ http, host, dataDir, tokens }: Config): Promise<{ dateMs?: number } | undefined> {
  if (http.port === 0) return undefined
  try {
    const url = `http://${urlHost(host)}:${http.port}/.well-known/jwks.json`
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    const { keys } = jwksSchema.parse(await response.json())
    const ours = publicKeysIn(pathsIn(dataDir).keys)
    if (tokens.algorithm === 'ES256' && !keys.some(({ x }) => x !== undefined && ours.includes(x))) return undefined
    const dateMs = Date.parse(response.headers.get('date') ?? '')
    return Number.isNaN(dateMs) ? {} : { dateMs }
  } catch {
    return undefined
  }
}

function publicKeysIn(folder: string): (string | undefined)[] {
  const files = readdirSync(folder).filter(name => signingKeyNumber('ES256', name) !== undefined)
  return files.map(name => createPublicKey(readFileSync(join(folder, name), 'utf8')).export({ format: 'jwk' }).x)
}

async function speaksMqtt(protocol: 'mqtt' | 'mqtts', port: number, { host }: Config): Promise<boolean> {
  const url = `${protocol}://${urlHost(host)}:${port}`
  const options = {
    protocolVersion: 4,
    connectTimeout: timeoutMs,
    reconnectPeriod: 0,
    rejectUnauthorized: false,
  } as const
  try {
    const { default: mqtt } = await import('mqtt')
    const client = await mqtt.connectAsync(url, options, false)
    await client.endAsync(true)
    return true
  } catch {
    return false
  }
}
