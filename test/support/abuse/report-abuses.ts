import { setTimeout } from 'node:timers/promises'
import { topics } from '../../../src/protocol/topics.ts'
import { publishPacket } from '../packets.ts'
import { connectRaw, exchange, type RawClient } from '../raw-client.ts'

/** How devices report, all of them at the same time. */
export interface Reports {
  readonly qos: 0 | 1
  /** Values of each report, which are one property's. */
  readonly values: number
  /** How long it goes on. */
  readonly forMs: number
}

const readyBatches = 16
/** What one device writes at once: 64 KiB, or a hundred small reports. */
const batchOf = (values: number): number => (values > 100 ? Math.ceil(6400 / values) : 100)
const lookEveryMs = 2

/** `{"settings":{"k0":7,…}}`: about ten bytes a value. */
const reportOf = (values: number, value: number): string =>
  JSON.stringify({ settings: Object.fromEntries(Array.from({ length: values }, (_, i) => [`k${i}`, value])) })

/** Devices that report as much as the broker reads, in a process of its own (`startElsewhere`). */
export function createReportAbuses() {
  const devices: { readonly id: string; readonly client: RawClient }[] = []
  let gone = 0
  return {
    async connect(
      port: number,
      credentials: readonly { readonly id: string; readonly secret: string }[],
    ): Promise<void> {
      for (const { id, secret } of credentials) {
        const client = await connectRaw('tcp', port, { clientId: id, username: id, password: secret, keepalive: 0 })
        client.onBytes(() => {})
        void client.closed.then(() => gone++)
        devices.push({ id, client })
      }
    },
    /** Every device reports so many values once; resolves when all are kept. */
    async begin(values: number): Promise<void> {
      for (const { id, client } of devices)
        await exchange(client, {
          cmd: 'publish',
          topic: topics.state(id),
          payload: reportOf(values, 0),
          qos: 1,
          messageId: 1,
          dup: false,
          retain: false,
        })
    },
    /** Resolves with how many reports were sent, and how many bytes one has. */
    async report({ qos, values, forMs }: Reports): Promise<{ sent: number; bytes: number }> {
      const batch = batchOf(values)
      const payloads = Array.from({ length: readyBatches }, (_, n) => reportOf(values, n % 10))
      const packet = (id: string, n: number) =>
        publishPacket(topics.state(id), payloads[n % readyBatches] ?? '', qos && n + 1)
      const ready = devices.map(({ id, client }) => ({
        client,
        batches: payloads.map((_, n) =>
          Buffer.concat(Array.from({ length: batch }, (_, i) => packet(id, n * batch + i))),
        ),
      }))
      let writes = 0
      for (const endsAt = performance.now() + forMs; performance.now() < endsAt; await setTimeout(lookEveryMs))
        for (const { client, batches } of ready) {
          if (client.unsentBytes > 0) continue
          client.send(batches[writes % batches.length] ?? Buffer.alloc(0))
          writes++
        }
      return { sent: writes * batch, bytes: Buffer.byteLength(payloads[0] ?? '') }
    },
    /** How many the broker has closed. */
    closed: () => gone,
  }
}
