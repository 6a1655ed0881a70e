import mqtt, { type MqttClient } from 'mqtt'
import { topics } from '../../src/protocol/topics.ts'
import { connected } from './asker.ts'
import type { DeviceRecord } from './device-record.ts'

/** A device on its connection, which reports one number after the other, each when the one before is acknowledged. */
export interface Reporter {
  readonly mqtt: MqttClient
  /** Sends the first report, and resolves when it is acknowledged; others follow by themselves. */
  start(): Promise<void>
  /** Resolves when `count` of its reports are acknowledged. */
  reported(count: number): Promise<void>
  /** Resolves when what was sent is acknowledged, and nothing follows. */
  stop(): Promise<void>
}

const pauseMs = 5

interface Options {
  readonly record: DeviceRecord
  readonly secret: string
  /** A second property with the same number: what is left of it under a later owner is seen. */
  readonly mark: string
  /** Resolves when the next report may be sent: one that comes too early hides that the one before was lost. */
  readonly running: () => Promise<void>
}

/** Connects, and connects again as often as it must. */
export async function connectReporter(url: string, { record, secret, mark, running }: Options): Promise<Reporter> {
  const client = mqtt.connect(url, {
    clientId: record.id,
    username: record.id,
    password: secret,
    reconnectPeriod: 20,
  })
  client.on('error', () => {}) // refused while the broker is away
  await connected(client)
  let count = 0
  let isStopping = false
  let going = Promise.resolve()
  const heard = new Set<() => void>()

  /** mqtt.js gives up what it was about to send again when the connection goes. */
  async function report(): Promise<void> {
    await running()
    const { n, acknowledge } = record.send()
    for (;;) {
      try {
        await client.publishAsync(topics.state(record.id), JSON.stringify({ n, [mark]: n }), { qos: 1 })
        break
      } catch (error) {
        if (!(error instanceof Error && error.message === 'Connection closed')) throw error
      }
    }
    acknowledge()
    count++
    for (const check of heard) check()
  }

  async function goOn(): Promise<void> {
    while (!isStopping) {
      await new Promise(resolve => setTimeout(resolve, pauseMs))
      await report()
    }
  }

  return {
    mqtt: client,
    async start() {
      await report()
      going = goOn()
    },
    reported: wanted =>
      new Promise(resolve => {
        const check = () => {
          if (count < wanted) return
          heard.delete(check)
          resolve()
        }
        heard.add(check)
        check()
      }),
    async stop() {
      isStopping = true
      await going
    },
  }
}
