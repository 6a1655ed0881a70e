import { randomUUID } from 'node:crypto'
import { generate, parser } from 'mqtt-packet'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { topics } from '../../src/protocol/topics.ts'
import { connectRaw, exchange } from '../support/raw-client.ts'
import type { BenchBroker } from './brokers.ts'
import { median } from './median.ts'

const clientId = 'bench-guest'

/** A guest over WebSocket that asks one request at a time and resolves with the code of its reply. */
async function connectAsking(port: number) {
  const client = await connectRaw('ws', port, { clientId })
  await exchange(client, {
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: topics.replies(clientId), qos: 0 }],
  })
  const packets = parser()
  let answered: (code: number) => void = () => {}
  packets.on('packet', packet => {
    if (packet.cmd === 'publish') answered(JSON.parse(packet.payload.toString()).code)
  })
  client.onBytes(bytes => packets.parse(bytes))
  return {
    close: client.close,
    ask(operation: string, body: object): Promise<number> {
      const topic = topics.request(clientId, operation)
      const answer = new Promise<number>(resolve => {
        answered = resolve
      })
      client.send(generate({ cmd: 'publish', topic, payload: JSON.stringify(body), qos: 0, retain: false, dup: false }))
      return answer
    },
  }
}

/**
 * From guest to user over one open connection, by WeChat code, so without argon2id; beside it a request that is refused at once, the least
 * that any can take. Both after `warmUp` sign-ins: a broker that has run for a minute is measured, not its compiler.
 */
export async function benchLogin(
  { ports }: BenchBroker,
  { warmUp, count }: { readonly warmUp: number; readonly count: number },
): Promise<void> {
  const client = await connectAsking(ports.http)
  const code = () => `sandbox:bench:${randomUUID()}`
  async function timed(operation: string, body: object, expected: number): Promise<number> {
    const startedAt = performance.now()
    const answer = await client.ask(operation, body)
    if (answer !== expected) throw new Error(`${operation} answered ${answer}`)
    return performance.now() - startedAt
  }
  await timed('auth/register', { username: 'bench', password: passwordDigest('bench'), code: code() }, 0)
  await timed('auth/logout', {}, 0)
  const timesMs: number[] = []
  const floorsMs: number[] = []
  for (let i = 0; i < warmUp + count; i++) {
    const floorMs = await timed('auth/refresh', {}, 4003)
    const timeMs = await timed('auth/login', { code: code() }, 0)
    await timed('auth/logout', {}, 0)
    if (i < warmUp) continue
    floorsMs.push(floorMs)
    timesMs.push(timeMs)
  }
  client.close()
  console.log(
    `login: median ${median(timesMs).toFixed(2)} ms from guest to user over an open WebSocket (bar 5 ms; ${count} logins after ${warmUp}; ` +
      `a request that is refused at once: ${median(floorsMs).toFixed(2)} ms)`,
  )
}
