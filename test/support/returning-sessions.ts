import { generate } from 'mqtt-packet'
import { got } from './packets.ts'
import { connectRaw, packetsOf, type RawClient } from './raw-client.ts'

/** Stored sessions with many filters each. */
export interface HeavySessions {
  readonly port: number
  readonly token: string
  /** Their client ids are `{prefix}-{n}`. */
  readonly prefix: string
  readonly count: number
  readonly filters: number
}

const perPacket = 1000
const filterOf = (n: number) => `app/homeassistant/sensor/${n % 20}/node_${n}/state`

/** What stored sessions with thousands of filters do, in a process of its own (`startElsewhere`). */
export function createReturningSessions() {
  const connect = ({ port, token, prefix }: HeavySessions, n: number, clean: boolean): Promise<RawClient> =>
    connectRaw('tcp', port, { clientId: `${prefix}-${n}`, username: 'jwt', password: token, clean, keepalive: 0 })
  const clientsOf = ({ count }: HeavySessions, act: (n: number) => Promise<void>): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, n) => act(n)))

  return {
    /** Each comes, subscribes, and leaves without a word. */
    async store(sessions: HeavySessions): Promise<void> {
      await clientsOf(sessions, async n => {
        const client = await connect(sessions, n, false)
        const received = packetsOf(client)
        for (let from = 0; from < sessions.filters; from += perPacket) {
          const subscriptions = Array.from({ length: Math.min(perPacket, sessions.filters - from) }, (_, i) => ({
            topic: filterOf(from + i),
            qos: 1 as const,
          }))
          const messageId = from / perPacket + 1
          client.send(generate({ cmd: 'subscribe', messageId, subscriptions }))
          await found(got(received, 'suback', messageId))
        }
        client.close()
      })
    },

    /** All come back at once, each is answered a ping, and all leave without a word. */
    async comeBack(sessions: HeavySessions): Promise<void> {
      await clientsOf(sessions, async n => {
        const client = await connect(sessions, n, false)
        const received = packetsOf(client)
        client.send(generate({ cmd: 'pingreq' }))
        await found(got(received, 'pingresp'))
        client.close()
      })
    },

    /** All come back and give up every filter that they have. */
    async unsubscribeAll(sessions: HeavySessions): Promise<void> {
      await clientsOf(sessions, async n => {
        const client = await connect(sessions, n, false)
        const received = packetsOf(client)
        const unsubscriptions = Array.from({ length: sessions.filters }, (_, i) => filterOf(i))
        for (let from = 0; from < sessions.filters; from += perPacket) {
          const messageId = from / perPacket + 1
          client.send(
            generate({ cmd: 'unsubscribe', messageId, unsubscriptions: unsubscriptions.slice(from, from + perPacket) }),
          )
          await found(got(received, 'unsuback', messageId))
        }
        client.close()
      })
    },

    /** Each is wiped by a clean session of its name. */
    async wipe(sessions: HeavySessions): Promise<void> {
      await clientsOf(sessions, async n => {
        const client = await connect(sessions, n, true)
        const received = packetsOf(client)
        client.send(generate({ cmd: 'pingreq' }))
        await found(got(received, 'pingresp'))
        client.close()
      })
    },
  }
}

const pollMs = 5
const patienceMs = 60_000

async function found<T>(look: () => T | undefined): Promise<T> {
  for (const endsAt = performance.now() + patienceMs; performance.now() < endsAt; await elapse(pollMs)) {
    const value = look()
    if (value !== undefined) return value
  }
  throw new Error('not found in time')
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
