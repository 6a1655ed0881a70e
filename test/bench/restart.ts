import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { publishPacket } from '../support/packets.ts'
import { connectRaw, exchange, packetsOf } from '../support/raw-client.ts'
import { median } from './median.ts'

const sessions = 10
const inFlight = 500

/** From starting the process to its `ready` line after kill -9, with `messages` queued for stored sessions that are away, and with none. */
export async function benchRestart(messages: number, rounds: number): Promise<void> {
  const empty = await openFolder(messages)
  const full = await openFolder(messages)
  await fill(full.broker, messages)
  const times = { none: [] as number[], queued: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    times.none.push(await empty.restart())
    times.queued.push(await full.restart())
  }
  await empty.close()
  await full.close()
  const ms = (values: readonly number[]) => median(values).toFixed(0)
  console.log(
    `restart: ${ms(times.queued)} ms with ${messages} queued, ${ms(times.none)} ms with none (bar 2000 ms; median of ${rounds} kills)`,
  )
}

async function openFolder(messages: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-bench-'))
  const limits = { messagesPerSecond: 1e6, bytesPerSecond: 1e9, queuedMessagesPerSession: messages }
  await writeFile(join(dataDir, 'local.json'), JSON.stringify({ limits }))
  const start = () => startLatchkey(dataDir, { NODE_CONFIG_DIR: dataDir, LATCHKEY_LOG_LEVEL: 'info' })
  let broker = await start()
  return {
    broker,
    async restart(): Promise<number> {
      await broker.kill()
      const startedAtMs = performance.now()
      broker = await start()
      return performance.now() - startedAtMs
    },
    async close() {
      await broker.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Leaves that many messages at QoS 1 of 64 bytes to sessions that are away. */
async function fill(broker: LatchkeyProcess, messages: number): Promise<void> {
  const topics = ['--publish', 'app/#', '--subscribe', 'app/#']
  const { token: password = '' } = await broker.run(['token', 'issue', '--service', 'bench', ...topics])
  const as = (clientId: string) => ({ clientId, username: 'jwt', password, clean: false })
  for (let n = 0; n < sessions; n++) {
    const session = await connectRaw('tcp', broker.ports.mqtt, as(`away-${n}`))
    await exchange(session, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'app/queued', qos: 1 }] })
    session.close()
  }
  const writer = await connectRaw('tcp', broker.ports.mqtt, as('writer'))
  const answers = packetsOf(writer)
  const publishes = messages / sessions
  for (let sent = 0; sent < publishes; ) {
    const batch = Math.min(inFlight, publishes - sent)
    const packets = Array.from({ length: batch }, (_, n) => publishPacket('app/queued', Buffer.alloc(64), n + 1))
    writer.send(Buffer.concat(packets))
    sent += batch
    while (answers.length < sent) await new Promise(resolve => setTimeout(resolve, 5))
  }
  writer.close()
}
