import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { startSimulator } from '../../../devices/simulators/start-simulator.ts'
import { packageRoot } from '../../../src/app/package-root.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice } from '../../support/story.ts'

const file = join(packageRoot(), 'examples', 'app.mjs')
const example = readFileSync(file, 'utf8')

test('the example registers, claims a lamp, lights it, and hears that it did', async () => {
  await using running = await startApp()
  const { id, secret, claimCode } = await addDevice(running, 'lamp', 'lamp-1')
  const simulator = startSimulator({ type: 'lamp', url: running.mqttUrl, id, secret })
  await new Promise<void>(resolve => running.app.events.once('device-online', () => resolve()))
  const program = spawn(process.execPath, [file, id, claimCode], {
    env: { ...process.env, LATCHKEY_URL: running.wsUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const heard: string[] = []
    createInterface({ input: program.stdout }).on('line', line => heard.push(line))
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('devices/lamp-1/state { on: true }')
    await expect.poll(() => heard.some(line => line.startsWith('devices/lamp-1/ack'))).toBe(true)
  } finally {
    program.kill()
    await simulator.stop()
  }
})

test.each(['README.md', 'README.zh-CN.md'])('%s prints the example as it runs', name => {
  const readme = readFileSync(join(packageRoot(), name), 'utf8')
  expect(readme).toContain(example.slice(example.indexOf('const client')))
})
