import { fork } from 'node:child_process'
import { join } from 'node:path'
import { generate } from 'mqtt-packet'
import { hashSecret } from '../../src/registry/secret-hash.ts'
import { openStore } from '../../src/store/open-store.ts'
import { connectRaw, exchange } from '../support/raw-client.ts'
import { startProgram } from './brokers.ts'
import { median } from './median.ts'

const topic = 'devices/bench-device/event/motion'
const probeEveryMs = 5

type Program = Awaited<ReturnType<typeof startProgram>>

/** Devices that report once a second, in a process of their own. */
function startReporting() {
  const child = fork(join(import.meta.dirname, 'reporting-devices.ts'), { execArgv: ['--import', 'tsx'] })
  return {
    tell: (message: object) =>
      new Promise<void>((resolve, reject) => {
        child.once('message', () => resolve())
        child.once('exit', code => reject(new Error(`reporting-devices.ts ended with ${code}`)))
        child.send(message)
      }),
    stop: () => void child.kill('SIGKILL'),
  }
}

async function addDevices(program: Program, count: number): Promise<{ id: string; secret: string }[]> {
  const store = await openStore({ file: join(program.dataDir, 'latchkey.db'), now: Date.now })
  const devices = Array.from({ length: count }, (_, i) => ({ id: `reporting-${i}`, secret: `secret-${i}` }))
  for (const { id, secret } of devices) {
    const device = { id, type: 'sensor', name: id, disabled: false, createdAtMs: 0 }
    await store.devices.createDevice(device, { secretHash: hashSecret(secret), claimHash: null })
  }
  await store.close()
  return devices
}

/** How long messages take from a device that is not among those to its owner, in milliseconds, in order of length. */
async function latencies({ ports, publisher, subscriber }: Program, windowMs: number): Promise<number[]> {
  const phone = await connectRaw('tcp', ports.mqtt, subscriber)
  const device = await connectRaw('tcp', ports.mqtt, publisher)
  await exchange(phone, { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] })
  const packet = generate({ cmd: 'publish', topic, payload: Buffer.alloc(64), qos: 0, dup: false, retain: false })
  const sentAt: number[] = []
  const timesMs: number[] = []
  let bytesSeen = 0
  phone.onBytes(bytes => {
    for (bytesSeen += bytes.length; bytesSeen >= packet.length; bytesSeen -= packet.length)
      timesMs.push(performance.now() - (sentAt.shift() ?? Number.NaN))
  })
  const timer = setInterval(() => {
    sentAt.push(performance.now())
    device.send(packet)
  }, probeEveryMs)
  await new Promise(resolve => setTimeout(resolve, windowMs))
  clearInterval(timer)
  device.close()
  phone.close()
  return timesMs.sort((a, b) => a - b)
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN

/** The p99 of an unrelated pair's messages while `devices` report once a second, with and without history, in turns within one run. */
export async function benchHistory({
  devices,
  rounds,
  windowMs,
}: {
  readonly devices: number
  readonly rounds: number
  readonly windowMs: number
}): Promise<void> {
  await using on = await startProgram()
  await using off = await startProgram({ history: { enabled: false } })
  const reporting = startReporting()
  for (const program of [on, off])
    await reporting.tell({ connect: { port: program.ports.mqtt, devices: await addDevices(program, devices) } })
  const measure = async (program: Program) => {
    await reporting.tell({ report: program.ports.mqtt })
    await latencies(program, windowMs / 4) // warm-up
    const times = await latencies(program, windowMs)
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) }
  }
  const runs: Record<'on' | 'off', Awaited<ReturnType<typeof measure>>>[] = []
  for (let round = 0; round < rounds; round++) {
    // Who goes first changes, so that neither has the quieter half.
    if (round % 2 === 0) runs.push({ on: await measure(on), off: await measure(off) })
    else {
      const without = await measure(off)
      runs.push({ on: await measure(on), off: without })
    }
  }
  reporting.stop()
  const figure = (which: 'on' | 'off', of: 'p50' | 'p99' | 'max') => median(runs.map(run => run[which][of])).toFixed(2)
  const ratios = runs.map(run => run.on.p99 / run.off.p99)
  console.log(
    `history: ${devices} devices reporting once a second; p99 of an unrelated pair ${figure('on', 'p99')} ms with history, ` +
      `${figure('off', 'p99')} ms without, ratio ${median(ratios).toFixed(2)} (bar 1.2; from ${Math.min(...ratios).toFixed(2)} to ` +
      `${Math.max(...ratios).toFixed(2)} in ${rounds} turns; p50 ${figure('on', 'p50')} and ${figure('off', 'p50')} ms, ` +
      `longest ${figure('on', 'max')} and ${figure('off', 'max')} ms)`,
  )
}
