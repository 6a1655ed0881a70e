import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SocketLike } from '../../../miniprogram/app/services/platform.ts'
import type * as md5Bundle from '../../../miniprogram/app/vendor/md5.d.ts'
import type * as mqttBundle from '../../../miniprogram/app/vendor/mqtt.d.ts'
import type { MqttClient, MqttOptions } from '../../../miniprogram/app/vendor/mqtt.d.ts'
import { buildMiniprogram } from '../../../miniprogram/build/build-miniprogram.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { createBareRealm } from '../../support/browser/bare-realm.ts'
import { startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'

// The package's own files as a phone of 2019 runs them: nothing of a browser or of Node is there, and sockets come from wx.connectSocket.
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-realm-'))
  await buildMiniprogram({
    appDir: join(import.meta.dirname, '../../../miniprogram/app'),
    outDir: join(folder, 'built'),
  })
})
afterAll(() => rmSync(folder, { recursive: true }))

function openRealm() {
  const realm = createBareRealm({ of2019: true })
  const mqtt = realm.load(join(folder, 'built', 'vendor', 'mqtt.js')) as typeof mqttBundle
  const { createWxSocket } = realm.load(join(folder, 'built', 'platform', 'wx-socket.js')) as {
    createWxSocket(url: string, protocols: string[], heard: () => void): SocketLike
  }
  const connect = (url: string, clientId: string, options: Partial<MqttOptions> = {}) =>
    mqtt.connect({
      url,
      clientId,
      keepaliveSeconds: 30,
      connectTimeoutMs: 5000,
      reconnectPeriodMs: 0,
      openSocket: (address, protocols) => createWxSocket(address, protocols, () => {}),
      ...options,
    })
  const login = (client: MqttClient, clientId: string, id: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.on('message', (_topic, payload) => resolve(JSON.parse(mqtt.textOf(payload))))
      client.subscribe([topics.replies(clientId)], { qos: 1 }, error => {
        if (error) return reject(error)
        const body = JSON.stringify({ id, code: `sandbox:${clientId}:1` })
        client.publish(topics.request(clientId, 'auth/login'), body, { qos: 1 }, refused => refused && reject(refused))
      })
    })
  return { realm, connect, login }
}

const connected = (client: MqttClient) => new Promise<void>(resolve => client.on('connect', () => resolve()))
const ended = (client: MqttClient) => new Promise<void>(resolve => client.end(true, resolve))

test('a guest connects, asks at QoS 1, and reads the answer in UTF-8', async () => {
  await using app = await startApp({ env: { LATCHKEY_LOCALE: 'zh-CN' } })
  const { connect, login } = openRealm()
  const client = connect(app.wsUrl, 'phone')
  await connected(client)
  expect(await login(client, 'phone', '灯-é-😀')).toMatchObject({ id: '灯-é-😀', code: 1001, msg: '请先绑定微信' })
  await ended(client)
})

test('a quiet client pings within its keep alive', async () => {
  await using app = await startApp()
  const { realm, connect } = openRealm()
  const client = connect(app.wsUrl, 'phone', { keepaliveSeconds: 1 })
  await connected(client)
  await expect.poll(() => realm.frames[0]?.filter(bytes => bytes === 2).length).toBeGreaterThanOrEqual(2)
  expect(client.connected).toBe(true)
  await ended(client)
})

test('a client comes back by itself when its socket is lost', async () => {
  await using app = await startApp()
  await using proxy = await startCuttableProxy(app.app.ports.http)
  const { connect, login } = openRealm()
  const client = connect(`ws://127.0.0.1:${proxy.port}/mqtt`, 'phone', { reconnectPeriodMs: 50 })
  await connected(client)
  const again = connected(client)
  proxy.cut()
  await again
  expect(await login(client, 'phone', '1')).toMatchObject({ id: '1', code: 1001 })
  await ended(client)
})

test('ending a client writes on its own socket, not on that of the next', async () => {
  await using app = await startApp()
  const { realm, connect, login } = openRealm()
  const first = connect(app.wsUrl, 'first')
  await connected(first)
  const over = new Promise<void>(resolve => first.end(false, resolve))
  const second = connect(app.wsUrl, 'second')
  await Promise.all([over, connected(second)])
  expect(await login(second, 'second', '1')).toMatchObject({ code: 1001 })
  expect(realm.frames[0]?.at(-1)).toBe(2)
  expect(realm.frames[1]).not.toContain(2)
  await ended(second)
})

test('MD5 is that of the UTF-8 of a text, in lower-case hex', () => {
  const { md5 } = createBareRealm().load(join(folder, 'built', 'vendor', 'md5.js')) as typeof md5Bundle
  expect(md5('')).toBe('d41d8cd98f00b204e9800998ecf8427e')
  expect(md5('密码')).toBe('a8105204604a0b11e916f3879aae3b0b')
})
