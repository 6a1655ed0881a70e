import type { LatchkeyProcess } from '../../scripts/tour/latchkey-process.ts'
import { openAsker } from './asker.ts'
import { createDeviceAudit, type DeviceFindings, watchedFilters } from './device-audit.ts'
import { type Step, startDeviceLife, type User } from './device-life.ts'
import { createDeviceRecord } from './device-record.ts'
import { createGate } from './gate.ts'

/** What came of the devices. */
export interface DeviceReport extends DeviceFindings {
  /** Reports that were acknowledged. */
  readonly acknowledged: number
  readonly claims: number
  /** What was seen by somebody whose the device was not when it was reported. */
  readonly leaked: readonly string[]
}

/** Devices that are claimed, report and are released all the time. */
export interface Devices {
  /** Resolves in the middle of one of the steps of their lives, another one each cycle: the moment for a kill. */
  rush(cycle: number): Promise<void>
  /** Compares what the broker says after its start with what is known, and lets lives go on. */
  recovered(): Promise<void>
  /** Resolves when every device has an owner and none reports any more: at the next kill, nothing is under way. */
  stop(): Promise<void>
  report(): DeviceReport
  close(): Promise<void>
}

const deviceCount = 10
const userNames = ['ann', 'ben', 'cem']
/** A release is what leaks when it is cut in two, for about a millisecond: that is tried most often. */
const steps: readonly Step[] = ['first report', 'release', 'claim', 'release', 'reset', 'release']

/** `operatorToken` is for who resets the devices, so that they can be claimed again. */
export async function startDevices(broker: LatchkeyProcess, operatorToken: string): Promise<Devices> {
  const url = broker.mqttUrl
  const acl = watchedFilters.flatMap(filter => ['--subscribe', filter])
  const { token: watching = '' } = await broker.run(['token', 'issue', '--service', 'watcher', ...acl])
  const watcher = openAsker(url, 'watcher', watching)
  const operator = openAsker(url, 'resetter', operatorToken)
  const users: User[] = []
  for (const name of userNames) {
    await broker.run(['user', 'add', name, '--password-stdin'], 'a password')
    const { token = '' } = await broker.run(['token', 'issue', '--user', name])
    users.push({ ...openAsker(url, `phone-of-${name}`, token), name })
  }
  const records = Array.from({ length: deviceCount }, (_, index) => createDeviceRecord(`counter-${index + 1}`))
  const audit = createDeviceAudit(records, watcher, users)
  await operator.renew()
  for (const { id } of records) {
    const reply = await operator.request('ops/device/add', { type: 'counter', deviceId: id })
    if (reply?.code !== 0) throw new Error(`ops/device/add answered ${JSON.stringify(reply)}`)
  }
  await audit.compare([])

  const gate = createGate<Step>()
  let isStopping = false
  let resume = () => {}
  let running = Promise.resolve()
  function pause(): void {
    running = new Promise(resolve => {
      resume = resolve
    })
  }
  const world = { url, users, operator, gate, running: () => running, isStopping: () => isStopping }
  const lives = records.map((record, index) => startDeviceLife(record, world, index))
  const ended = Promise.all(lives.map(life => life.ended))

  return {
    async rush(cycle) {
      await Promise.race([gate.rush(steps[cycle % steps.length] ?? 'claim', lives.length), ended])
      pause()
    },
    async recovered() {
      await operator.renew()
      await audit.compare(lives)
      resume()
    },
    async stop() {
      isStopping = true
      await ended
      pause()
    },
    report: () => ({
      acknowledged: records.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      claims: records.reduce((sum, { claims }) => sum + claims, 0),
      lost: audit.lost,
      leaked: records.flatMap(record => record.leaks()),
      undone: audit.undone,
      wrongPresence: audit.wrongPresence,
    }),
    async close() {
      for (const life of lives) await life.leave()
      for (const asker of [watcher, operator, ...users]) await asker.mqtt.endAsync(true)
    },
  }
}
