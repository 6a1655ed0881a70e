import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { generate } from 'mqtt-packet'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectGuest, type TestClient, wechatCode } from '../../support/mqtt-client.ts'
import { hasProgram } from '../../support/network/proxy-process.ts'
import { certificate, startCaddy, startHaproxy, startNginx } from '../../support/network/real-proxies.ts'
import { connectOperator } from '../../support/operator.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, logged } from '../../support/story.ts'
import { type WrittenFiles, writeFiles } from '../../support/write-files.ts'

const startBehind = (env: Record<string, string> = {}) =>
  startApp({
    env: { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1', ...env },
    limits: { connectionsPerSecond: 1000 },
    configure: c => ({ ...c, guest: { ...c.guest, perAddress: 5 } }),
  })

const addressOf = (i: number) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`
/** A guest of its own address, through a proxy; each is another phone. */
const guestFrom = (url: string, i: number, more = 0) =>
  connectGuest(url, {
    clientId: `guest-${i}-${more}`,
    rejectUnauthorized: false,
    reconnectPeriod: 0,
    wsOptions: { localAddress: addressOf(i) },
  })

const overTls = (files: WrittenFiles) => ({
  LATCHKEY_TLS_CERT: files.path('cert.pem'),
  LATCHKEY_TLS_KEY: files.path('key.pem'),
  LATCHKEY_MQTTS_PORT: '0',
})

const connectPacketOf = (id: string, secret: string) =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: id,
    username: id,
    password: Buffer.from(secret),
  })

for (const program of ['nginx', 'haproxy', 'caddy'])
  if (!hasProgram(program)) console.log(`skipped: what is tested behind ${program} needs Debian's package of it`)

describe.each([
  ['nginx', startNginx],
  ['haproxy', startHaproxy],
  ['caddy', startCaddy],
] as const)('behind %s', (program, start) => {
  test.skipIf(!hasProgram(program))(
    `three hundred phones are three hundred addresses: limits, guesses and blocks are each their own`,
    async () => {
      await using files = await writeFiles(certificate)
      await using running = await startBehind(overTls(files))
      await using proxy = await start(running)
      const url = `wss://127.0.0.1:${proxy.ports[0]}/mqtt`
      await using operator = await connectOperator(running)

      const guests: TestClient[] = []
      for (let i = 0; i < 300; i += 50)
        guests.push(...(await Promise.all(Array.from({ length: 50 }, (_, n) => guestFrom(url, i + n)))))
      onTestFinished(() => Promise.all(guests.map(guest => guest[Symbol.asyncDispose]())).then(() => {}))
      expect((await operator.request('ops/sessions', { limit: 1 })).data).toMatchObject({ total: 301 })
      expect((await operator.request('ops/sessions', { search: addressOf(299) })).data).toMatchObject({ total: 1 })

      // One of them fills its own limits, and nobody else's.
      const more = await Promise.allSettled(Array.from({ length: 5 }, (_, n) => guestFrom(url, 0, n + 1)))
      onTestFinished(async () => {
        for (const one of more) if (one.status === 'fulfilled') await one.value[Symbol.asyncDispose]()
      })
      expect(more.filter(({ status }) => status === 'rejected')).toHaveLength(1)
      const guess = { username: 'nobody', password: 'f'.repeat(32) }
      const codes = []
      for (let i = 0; i < 101; i++) {
        const reply = await guests[1]?.request('auth/login', { ...guess, username: `nobody-${i}`, code: 'wrong' })
        codes.push(reply?.code)
      }
      expect(codes.at(-1)).toBe(4029)
      const honest = await guests[2]?.request('auth/login', { code: wechatCode('honest'), ...guess })
      expect(honest?.code).not.toBe(4029)

      const block = { address: addressOf(3), minutes: 5 }
      expect((await operator.request('ops/address/block', block)).data).toMatchObject({ ended: 1 })
      await expect(guestFrom(url, 3, 1)).rejects.toThrow()
      const allowed = await guestFrom(url, 4, 1)
      await allowed[Symbol.asyncDispose]()
      expect(logged(running, 'proxy-not-trusted')).toBe(false)
    },
  )
})

test.skipIf(!hasProgram('haproxy'))(
  'TLS through HAProxy: a device signs in, and its session has its own address',
  async () => {
    await using files = await writeFiles(certificate)
    await using running = await startBehind(overTls(files))
    await using proxy = await startHaproxy(running)
    const { id, secret } = await addDevice(running, 'lamp', 'lamp-1')
    const [port] = proxy.ports.slice(1)
    const below = connect({ port: port ?? 0, host: '127.0.0.1', localAddress: '127.0.3.1' })
    const device = connectTls({ socket: below, rejectUnauthorized: false })
    device.write(connectPacketOf(id, secret))
    const [connack]: Buffer[] = await once(device, 'data')
    expect(connack?.[3]).toBe(0)
    expect(logged(running, '"session-opened"', '"transport":"tls"', '"address":"127.0.3.1"')).toBe(true)
    device.destroy()
  },
)

test.skipIf(!hasProgram('nginx'))(
  'below a path: the pages find their files, and a WebSocket is beside them',
  async () => {
    await using running = await startBehind()
    await using proxy = await startNginx(running, { below: '/iot/' })
    await using guest = await guestFrom(`wss://127.0.0.1:${proxy.ports[0]}/iot/mqtt`, 1)
    expect((await guest.request('account/me')).code).toBe(4003)
  },
)
