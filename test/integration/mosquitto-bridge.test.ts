import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { expect, test } from 'vitest'
import { connectClient } from '../support/mqtt-client.ts'
import { freePort } from '../support/network/free-port.ts'
import { startApp } from '../support/start-app.ts'

const mosquitto = '/usr/sbin/mosquitto'
const isInstalled = (() => {
  try {
    execFileSync(mosquitto, ['-h'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
})()
if (!isInstalled) console.log("skipped: the bridge needs Debian's package mosquitto")

/** A Mosquitto that bridges everything below `app/`, both ways, as a service with a token would. */
async function startBridge(remotePort: number, token: string, more: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bridge-'))
  const port = await freePort()
  const file = join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'connection latchkey',
    `address 127.0.0.1:${remotePort}`,
    'remote_clientid bridge',
    'remote_username jwt',
    `remote_password ${token}`,
    'cleansession false',
    'restart_timeout 1',
    'topic app/# both 1',
    ...more,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  let broker: ChildProcess
  const start = () => {
    broker = spawn(mosquitto, ['-c', file], { stdio: 'ignore' })
  }
  const stop = async () => {
    const ended = once(broker, 'exit')
    broker.kill()
    await ended
  }
  start()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async restart() {
      await stop()
      start()
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

test.skipIf(!isInstalled).each(['mqttv311', 'mqttv50'])(
  "Debian's Mosquitto as a bridge of %s hears nothing of its own, over restarts, and retained messages stay retained",
  async version => {
    await using running = await startApp()
    const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
    const { token } = await running.admin.tokens.issueForService('bridge', acl, 3600)
    await using bridge = await startBridge(running.app.ports.mqtt, token, [
      'notifications false',
      `bridge_protocol_version ${version}`,
    ])
    const opened = () =>
      running.lines.filter(line => line.includes('session-opened') && line.includes('"bridge"')).length
    await expect.poll(opened, { timeout: 20_000 }).toBe(1)
    const there = await connectAsync(bridge.url)
    const heardThere: string[] = []
    there.on('message', (topic, payload, { retain }) => heardThere.push(`${topic} ${payload} ${retain}`))
    await there.subscribeAsync('app/#', { qos: 1 })
    await using here = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
    await here.subscribe('app/#', 1)

    await there.publishAsync('app/from-there', '1', { qos: 1 })
    await here.message('app/from-there')
    await here.mqtt.publishAsync('app/from-here', '2', { qos: 1 })
    await expect.poll(() => heardThere).toContain('app/from-here 2 false')
    await here.mqtt.publishAsync('app/kept', '3', { qos: 1, retain: true })
    await expect.poll(() => heardThere).toContain('app/kept 3 false')
    const late = await connectAsync(bridge.url)
    const heardLate: string[] = []
    late.on('message', (topic, payload, { retain }) => heardLate.push(`${topic} ${payload} ${retain}`))
    await late.subscribeAsync('app/kept', { qos: 1 })
    await expect.poll(() => heardLate).toEqual(['app/kept 3 true']) // retained as published, on the other side too
    await Promise.all([there.endAsync(), late.endAsync()])

    await bridge.restart()
    await here.mqtt.publishAsync('app/meanwhile', '4', { qos: 1 })
    await expect.poll(opened, { timeout: 20_000 }).toBe(2)
    const again = await connectAsync(bridge.url)
    const heardAgain: string[] = []
    again.on('message', (topic, payload) => heardAgain.push(`${topic} ${payload}`))
    await again.subscribeAsync('app/#', { qos: 1 })
    await again.publishAsync('app/from-there', '5', { qos: 1 })
    await here.message('app/from-there', ({ payload }) => payload === '5')
    await here.mqtt.publishAsync('app/last', '6', { qos: 1 })
    await expect.poll(() => heardAgain).toContain('app/last 6')
    await again.endAsync()

    expect(heardThere.filter(line => line.startsWith('app/from-there'))).toEqual(['app/from-there 1 false'])
    expect(heardAgain.filter(line => line === 'app/from-there 5')).toHaveLength(1)
    const own = (payload: string) => here.received.filter(message => message.payload === payload)
    for (const payload of ['1', '2', '3', '4', '5', '6']) expect(own(payload)).toHaveLength(1)
  },
)

test.skipIf(!isInstalled)(
  "the topic of a bridge's notification stands in the log when it is refused as a will",
  async () => {
    await using running = await startApp()
    const acl = [{ permission: 'allow' as const, action: 'all' as const, topic: 'app/#' }]
    const { token } = await running.admin.tokens.issueForService('bridge', acl, 3600)
    await using _refused = await startBridge(running.app.ports.mqtt, token, [])
    const refusal = () => running.lines.find(line => line.includes('will-refused'))
    await expect.poll(refusal, { timeout: 20_000 }).toContain('"topic":"$SYS/broker/connection/bridge/state"')
    await using _told = await startBridge(running.app.ports.mqtt, token, ['notification_topic app/bridge'])
    await using here = await connectClient(running.mqttUrl, { username: 'jwt', password: token })
    await here.subscribe('app/bridge', 1)
    await here.message('app/bridge', ({ payload }) => payload === '1')
  },
)
