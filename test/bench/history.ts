import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { hashSecret } from '../../src/registry/enrollment/secret-hash.ts'
import { openStore } from '../../src/store/open-store.ts'
import { startProgram } from './brokers.ts'
import { latencies, quantile } from './latencies.ts'
import { median } from './median.ts'

type Program = Awaited<ReturnType<typeof startProgram>>

/** Devices that report once a second, in a process of their own. */
function startReporting() {
  const child = fork(join(import.meta.dirname, 'reporting-devices.ts'), { execArgv: ['--import', 'tsx'] })
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`reporting-devices.ts ended with ${code}`)),
  )
  ended.catch(() => {}) // it is stopped in the end
  return {
    async tell(message: object): Promise<void> {
      const done = once(child, 'message')
      child.send(message)
      await Promise.race([done, ended])
    },
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
