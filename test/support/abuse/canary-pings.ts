import { publishPacket } from '../packets.ts'
import { connectRaw, exchange } from '../raw-client.ts'

const everyMs = 10
const patienceMs = 15_000

/** How long pings took, from when each was due, in milliseconds. */
export interface PingTimes {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** A healthy client that publishes to itself every 10 ms; runs in a process of its own (`startCanary`). */
export function createCanaryPings() {
  let hear = () => {}
  let send = () => {}
  let times: number[] = []
  let sent = 0
  let timer: NodeJS.Timeout | undefined
  return {
    async connect(port: number, token: string, topic: string): Promise<void> {
      const client = await connectRaw('tcp', port, {
        clientId: 'canary',
        username: 'jwt',
        password: token,
        keepalive: 0, // it is silent while nothing is measured
      })
      await exchange(client, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
      const ping = publishPacket(topic, '')
      let received = 0
      client.onBytes(bytes => {
        received += bytes.length
        for (; received >= ping.length; received -= ping.length) hear()
      })
      send = () => client.send(ping)
    },
    /** Pings from now on. */
    begin(): void {
      const startedAt = performance.now()
      const dueAt = (n: number) => startedAt + n * everyMs
      times = []
      sent = 0
      hear = () => times.push(performance.now() - dueAt(times.length))
      timer = setInterval(() => {
        for (; dueAt(sent) <= performance.now(); sent++) send()
      }, everyMs / 5)
    },
    /** Stops, and resolves when the last ping has come back. */
    async end(): Promise<PingTimes> {
      clearInterval(timer)
      const endsAt = performance.now() + patienceMs
      while (times.length < sent) {
        if (performance.now() > endsAt) throw new Error(`${sent - times.length} pings did not come back`)
        await elapse(everyMs)
      }
      times.sort((a, b) => a - b)
      const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? Number.POSITIVE_INFINITY
      return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
    },
  }
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
