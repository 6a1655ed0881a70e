import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { topics } from '../../src/protocol/topics.ts'
import { freePort } from '../support/network/free-port.ts'
import { startSlowLink } from '../support/network/slow-link.ts'
import { type DeviceReport, startDevices } from './devices.ts'
import { type Load, startLoad } from './load.ts'
import { prepareDevices } from './prepare-devices.ts'
import { until } from './until.ts'

/** What came of killing the broker again and again under load. */
export interface KillReport {
  readonly cycles: number
  /** Messages that were acknowledged, by QoS. */
  readonly acknowledged: { readonly 1: number; readonly 2: number }
  /** Acknowledged, and never received by the stored session that is owed them. */
  readonly lost: readonly string[]
  /** The same of a stored session whose reader is on a slow link. */
  readonly lostOnSlowLink: readonly string[]
  /** At QoS 2, received more than once. */
  readonly twice: readonly string[]
  /** Topics whose retained value is older than the last one that was acknowledged. */
  readonly stale: readonly string[]
  /** Wills of the device that was connected at every kill. */
  readonly wills: number
  /** Whether its presence is true at the end. */
  readonly isOnline: boolean
  readonly devices: DeviceReport
  /** From starting the process to its `ready` line, the longest, in milliseconds. */
  readonly longestStartMs: number
}

const retainedTopics = 5
const maxBehind = 300
/** What a reader on a slow link follows: one message of so many, so large that megabytes wait for it. */
const slow = { topic: 'app/load/slow', every: 49, payloadBytes: 20_000, bytesPerSecond: 500_000, maxBehind: 300 }
const isSlow = (n: number) => n % slow.every === 3

/**
 * Kills the built program with SIGKILL in the middle of QoS 1, QoS 2 and retained load and of the lives of devices, `cycles` times, each time
 * after `perCycle` more acknowledgements; its clients are mqtt.js, which connect again and send again what was not acknowledged.
 */
export async function runKillCycles(options: {
  readonly dataDir: string
  readonly cycles: number
  readonly perCycle: number
  /** Called when the broker is back after a kill, with how many there were and how much is acknowledged. */
  readonly onCycle?: (kills: number, acknowledged: number) => void
}): Promise<KillReport> {
  const { dataDir, cycles, perCycle, onCycle } = options
  const clients: MqttClient[] = []
  let longestStartMs = 0
  await prepareDevices(dataDir)
  const ports = { LATCHKEY_MQTT_PORT: `${await freePort()}`, LATCHKEY_HTTP_PORT: `${await freePort()}` }
  let broker = await start(ports)

  async function start(env: NodeJS.ProcessEnv): Promise<LatchkeyProcess> {
    const startedAt = performance.now()
    const started = await startLatchkey(dataDir, { ...env, NODE_CONFIG_DIR: dataDir, LATCHKEY_LOG_LEVEL: 'info' })
    longestStartMs = Math.max(longestStartMs, performance.now() - startedAt)
    return started
  }

  const link = await startSlowLink(broker.ports.mqtt, slow)
  const slowUrl = `mqtt://127.0.0.1:${link.port}`

  async function connect(clientId: string, credentials: IClientOptions, url = broker.mqttUrl): Promise<MqttClient> {
    const client = mqtt.connect(url, {
      clientId,
      clean: false,
      reconnectPeriod: 20,
      resubscribe: false,
      ...credentials,
    })
    client.on('error', () => {}) // refused while the broker is away
    clients.push(client)
    await new Promise<void>(resolve => client.once('connect', () => resolve()))
    return client
  }

  const service = ['--publish', 'app/#', '--subscribe', 'app/#']
  const asService = {
    username: 'jwt',
    password: (await broker.run(['token', 'issue', '--service', 's', ...service])).token ?? '',
  }
  const { secret = '' } = await broker.run(['device', 'add', '--type', 'lamp', '--id', 'lamp-1'])
  await broker.run(['user', 'add', 'root', '--role', 'operator', '--password-stdin'], 'a password')
  const asOperator = { username: 'jwt', password: (await broker.run(['token', 'issue', '--user', 'root'])).token ?? '' }

  /** How often each payload came to a stored session. */
  async function read(clientId: string, filter: string, url?: string): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    const reader = await connect(clientId, asService, url)
    reader.on('message', (_topic, bytes) => {
      const payload = `${bytes}`.trimEnd()
      counts.set(payload, (counts.get(payload) ?? 0) + 1)
    })
    await reader.subscribeAsync(filter, { qos: 2 })
    return counts
  }
  const received = await read('reader', 'app/load/#')
  const slowlyReceived = await read('slow-reader', slow.topic, slowUrl)
  let wills = 0
  let isOnline = false
  const operator = await connect('operator', asOperator)
  operator.on('message', (topic, payload) => {
    if (topic === topics.event('lamp-1', 'died')) wills++
    else isOnline = JSON.parse(`${payload}`).online
  })
  await operator.subscribeAsync([topics.event('lamp-1', 'died'), topics.presence('lamp-1')], { qos: 2 })
  const device = await connect('lamp-1', {
    username: 'lamp-1',
    password: secret,
    will: { topic: topics.event('lamp-1', 'died'), payload: Buffer.from('x'), qos: 2, retain: false },
  })

  const devices = await startDevices(broker, asOperator.password)

  const counted: Load[] = []
  const total = () => counted.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
  /** As far behind as it may be: nothing more is sent until it has read some. */
  const isSlowReaderFarBehind = () => total() / slow.every - slowlyReceived.size >= slow.maxBehind
  const load = {
    retain: false,
    inFlight: 20,
    topicOf: (n: number) => (isSlow(n) ? slow.topic : `app/load/${n % 7}`),
    sizeOf: (n: number) => (isSlow(n) ? slow.payloadBytes : 0),
    mayGoOn: () => total() - received.size < maxBehind && !isSlowReaderFarBehind(),
  }
  const atLeastOnce = startLoad(await connect('writer-1', asService), { ...load, qos: 1 })
  const once = startLoad(await connect('writer-2', asService), { ...load, qos: 2 })
  counted.push(atLeastOnce, once)
  const kept = startLoad(await connect('writer-3', asService), {
    qos: 1,
    retain: true,
    inFlight: 1,
    topicOf: n => `app/kept/${n % retainedTopics}`,
    mayGoOn: () => true,
  })

  for (let cycle = 0; cycle < cycles; cycle++) {
    const from = total()
    await link.stop('down')
    await until(() => total() >= from + perCycle / 2 || isSlowReaderFarBehind())
    await link.resume('down') // and the kill comes while it catches up
    await until(() => total() >= from + perCycle && device.connected && wills === cycle)
    await devices.rush(cycle)
    await broker.kill()
    broker = await start(ports)
    await devices.recovered()
    onCycle?.(cycle + 1, total())
  }
  await Promise.all([...counted, kept, devices].map(one => one.stop()))
  const acknowledged = [...atLeastOnce.acknowledged, ...once.acknowledged]
  const slowlyOwed = acknowledged.filter(payload => isSlow(Number(payload.slice(2))))
  await until(() => acknowledged.every(payload => received.has(payload)), 10_000)
  await until(() => slowlyOwed.every(payload => slowlyReceived.has(payload)))
  await until(() => wills >= cycles && isOnline, 10_000)
  const willsOfCycles = wills
  await broker.kill() // with nothing under way: what is retained now is what was acknowledged last
  broker = await start(ports)
  await devices.recovered()
  const retained = await retainedUnder(await connect('fresh', asService), 'app/kept/+')

  await devices.close()
  for (const client of clients) await client.endAsync(true)
  await link[Symbol.asyncDispose]()
  await broker.stop()
  return {
    cycles,
    acknowledged: { 1: atLeastOnce.acknowledged.size, 2: once.acknowledged.size },
    lost: acknowledged.filter(payload => !received.has(payload)),
    lostOnSlowLink: slowlyOwed.filter(payload => !slowlyReceived.has(payload)),
    twice: [received, slowlyReceived].flatMap(counts =>
      [...once.acknowledged].filter(payload => (counts.get(payload) ?? 0) > 1),
    ),
    stale: staleTopics(kept.acknowledged, retained),
    wills: willsOfCycles,
    isOnline,
    devices: devices.report(),
    longestStartMs: Math.round(longestStartMs),
  }
}

/** The topics that do not retain the last payload that was acknowledged on them. */
function staleTopics(acknowledged: ReadonlySet<string>, retained: ReadonlyMap<string, string>): string[] {
  const last = new Map(
    [...acknowledged].map(payload => [`app/kept/${Number(payload.slice(2)) % retainedTopics}`, payload]),
  )
  return [...last].filter(([topic, payload]) => retained.get(topic) !== payload).map(([topic]) => topic)
}

async function retainedUnder(client: MqttClient, filter: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  client.on('message', (topic, payload) => found.set(topic, `${payload}`))
  await client.subscribeAsync(filter, { qos: 1 })
  await until(() => found.size >= retainedTopics, 5000)
  return found
}
