import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app/app.ts'
import { openBackend } from '../../src/app/backend/open-backend.ts'
import { packageRoot } from '../../src/app/package-root.ts'
import { loadConfig } from '../../src/config/config.ts'
import { createLog } from '../../src/log/create-log.ts'

/**
 * The whole program, logging at info, with a device, its owner and an operator. With `off`: nothing hears of what happens, so that there are no
 * metrics, no audit trail and no log. Told a number over IPC it writes so many lines a second from then on.
 */
const isOff = process.argv.includes('off')
const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }))
const env = {
  LATCHKEY_DATA_DIR: dataDir,
  LATCHKEY_HOST: '127.0.0.1',
  LATCHKEY_MQTT_PORT: '0',
  LATCHKEY_HTTP_PORT: '0',
}
const loaded = loadConfig({ configDir: join(packageRoot(), 'config'), env: { NODE_ENV: 'test', ...env } })
// One client sends what it can, and one that has stalled stays: by itself it would be closed within seconds.
const unlimited = { messagesPerSecond: 1e6, bytesPerSecond: 1e9, drainTimeoutMs: 600_000 }
const config = { ...loaded, limits: { ...loaded.limits, ...unlimited } }
const log = createLog({ level: isOff ? 'silent' : 'info', pretty: false })
const app = await createApp(config, { log })
if (isOff) app.events.removeAllListeners()

const backend = await openBackend(config)
const deviceId = 'bench-device'
const device = await backend.provisioning.addDevice({ type: 'sensor', id: deviceId })
if (typeof device === 'string') throw new Error(device)
async function tokenOf(username: string, role: 'user' | 'operator'): Promise<string> {
  const account = await backend.administration.addAccount({ username, password: 'bench', role })
  if (typeof account === 'string') throw new Error(account)
  if (role === 'user') await backend.store.devices.claim(deviceId, account.id)
  return (await backend.tokens.issueForAccount(account)).token
}
const followerToken = await tokenOf('follower', 'user')
const operatorToken = await tokenOf('root', 'operator')
await backend.close()

const everyMs = 10
let writing: NodeJS.Timeout | undefined
process.on('message', (linesPerSecond: number) => {
  clearInterval(writing)
  const principal = { kind: 'guest' } as const
  const line = { clientId: 'somebody-who-comes', address: '192.0.2.1', principal, transport: 'ws' } as const
  let due = 0
  let lastAt = performance.now()
  writing = setInterval(() => {
    const now = performance.now()
    due = Math.min(due + ((now - lastAt) * linesPerSecond) / 1000, linesPerSecond / 20) // what it cannot do it leaves out
    lastAt = now
    for (; due >= 1; due--) app.events.emit('session-opened', line)
  }, everyMs)
})

process.send?.({
  ports: app.ports,
  publisher: { clientId: deviceId, username: deviceId, password: device.secret },
  subscriber: { clientId: 'bench-phone', username: 'jwt', password: followerToken },
  operator: { clientId: 'bench-operator', username: 'jwt', password: operatorToken },
})
