import { generate } from 'mqtt-packet'
import { got } from '../packets.ts'
import { connectRaw, packetsOf } from '../raw-client.ts'

/** One client that subscribes a lot. */
export interface ManySubscriptions {
  readonly port: number
  readonly token: string
  readonly clientId: string
  readonly clean: boolean
  readonly packets: number
  readonly filtersPerPacket: number
}

/** What a client with many filters does, in a process of its own (`startElsewhere`). */
export function createFilterAbuses() {
  return {
    /** Subscribes them all, unsubscribes those of the last packet, and leaves without a word. How many were granted. */
    async subscribeMany({
      port,
      token,
      clientId,
      clean,
      packets,
      filtersPerPacket,
    }: ManySubscriptions): Promise<number> {
      const client = await connectRaw('tcp', port, { clientId, username: 'jwt', password: token, clean })
      const received = packetsOf(client)
      const filtersOf = (packet: number) =>
        Array.from({ length: filtersPerPacket }, (_, n) => `app/homeassistant/sensor/${packet}/node_${n}/state`)
      let granted = 0
      for (let messageId = 1; messageId <= packets; messageId++) {
        const subscriptions = filtersOf(messageId).map(topic => ({ topic, qos: 1 as const }))
        client.send(generate({ cmd: 'subscribe', messageId, subscriptions }))
        const suback = await found(got(received, 'suback', messageId))
        if (suback.cmd === 'suback') granted += suback.granted.filter(code => code !== 128).length
      }
      client.send(generate({ cmd: 'unsubscribe', messageId: packets, unsubscriptions: filtersOf(packets) }))
      await found(got(received, 'unsuback', packets))
      client.close()
      return granted
    },

    /** Sends one SUBSCRIBE or UNSUBSCRIBE of 37,000 filters in 256 KiB, and waits for its answer or its end. */
    async sendHuge(port: number, token: string, type: 'subscribe' | 'unsubscribe'): Promise<void> {
      const clientId = `huge-${type}`
      const client = await connectRaw('tcp', port, { clientId, username: 'jwt', password: token })
      const received = packetsOf(client)
      const filters = Array.from({ length: 37_000 }, (_, n) => String.fromCharCode(97 + (n % 26), 97 + ((n / 26) % 26)))
      const packet =
        type === 'subscribe'
          ? ({ cmd: type, messageId: 1, subscriptions: filters.map(topic => ({ topic, qos: 0 as const })) } as const)
          : ({ cmd: type, messageId: 1, unsubscriptions: filters } as const)
      client.send(generate(packet))
      await Promise.race([client.closed, found(() => received[0])])
      client.close()
    },
  }
}

const pollMs = 2

async function found<T>(look: () => T | undefined): Promise<T> {
  for (const endsAt = performance.now() + 20_000; performance.now() < endsAt; await elapse(pollMs)) {
    const value = look()
    if (value !== undefined) return value
  }
  throw new Error('not found in time')
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
