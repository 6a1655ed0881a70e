import { topics } from '../../../src/protocol/topics.ts'
import type { Traffic } from './traffic.ts'

/** One row of the table: what is measured, and the least ratio to Mosquitto that we mean to reach. */
export interface Scenario extends Traffic {
  readonly title: string
  readonly bar?: number
}

const topicsEach = 8
const base = { transport: 'tcp', qos: 0, publishers: 1, subscribers: 1, inFlight: 1, readersOfEach: 1 } as const
const allBelow = () => 'app/#'
const ownTopics = (publisher: number) =>
  Array.from({ length: topicsEach }, (_, n) => `app/load/${`${publisher}`.padStart(3, '0')}/${n}`)
const oneToOne = { ...base, filterOf: allBelow, topicsOf: ownTopics }
const toMany = { ...base, filterOf: () => 'app/all', topicsOf: () => ['app/all'] }

/** What a broker is warmed up with. */
export const warmUp: Traffic = { ...oneToOne, qos: 1, inFlight: 16 }

/** Deliveries for each second of the broker's processor time, 128 bytes, topics below `app/`. */
export const scenarios: readonly Scenario[] = [
  { ...oneToOne, title: '1 to 1, QoS 0, one in flight', bar: 1.3 },
  { ...oneToOne, title: '1 to 1, QoS 0, 16 in flight on 8 topics', inFlight: 16, bar: 12 },
  { ...oneToOne, title: '1 to 1, QoS 0, 128 in flight on 8 topics', inFlight: 128 },
  { ...oneToOne, title: '1 to 1, QoS 1, one in flight', qos: 1, bar: 1.2 },
  { ...oneToOne, title: '1 to 1, QoS 1, 16 in flight on 8 topics', qos: 1, inFlight: 16, bar: 10 },
  { ...oneToOne, title: '100 to 1, QoS 0, one in flight each', publishers: 100, bar: 2.3 },
  { ...oneToOne, title: '100 to 1, QoS 0, 16 in flight each', publishers: 100, inFlight: 16, bar: 20 },
  { ...toMany, title: '1 to 500, QoS 0, one in flight', subscribers: 500, readersOfEach: 500, bar: 5 },
  { ...toMany, title: '1 to 500, QoS 0, 16 in flight', subscribers: 500, readersOfEach: 500, inFlight: 16, bar: 5 },
  { ...oneToOne, title: 'WebSocket, QoS 0, one in flight', transport: 'ws', bar: 0.7 },
  { ...oneToOne, title: 'WebSocket, QoS 0, 16 in flight on 8 topics', transport: 'ws', inFlight: 16, bar: 4 },
  { ...oneToOne, title: 'WebSocket, QoS 1, 16 in flight on 8 topics', transport: 'ws', qos: 1, inFlight: 16, bar: 3 },
]

const report = (sent: number) => JSON.stringify({ temperature: (sent % 400) / 10, humidity: 47, battery: 88 })

/** What a device reports to the user who owns it: checked, folded into its state and kept. Mosquitto has nothing like it. */
export const reports = (deviceId: string): Scenario => ({
  ...base,
  title: 'reports of a device, QoS 1, 16 in flight: checked, folded and kept',
  qos: 1,
  inFlight: 16,
  filterOf: () => topics.state(deviceId),
  topicsOf: () => [topics.state(deviceId)],
  payload: report,
})
