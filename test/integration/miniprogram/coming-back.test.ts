import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Config } from '../../../src/config/config.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { createNodePhone, type NodePhone } from '../../support/browser/node-phone.ts'
import { signedInPhone, typedPassword } from '../../support/browser/signed-in-phone.ts'
import { type CuttableProxy, startCuttableProxy } from '../../support/network/cuttable-proxy.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, logged } from '../../support/story.ts'

const through = (proxy: CuttableProxy) => `ws://127.0.0.1:${proxy.port}/mqtt`
const tokensFor = (lifetimeSeconds: number) => (config: Config) => ({
  ...config,
  tokens: { ...config.tokens, lifetimeSeconds },
})

/** Every status from now on, without repeats. */
function statusesOf({ session }: NodePhone): string[] {
  const statuses: string[] = [session.status]
  session.onChange(() => {
    if (statuses.at(-1) !== session.status) statuses.push(session.status)
  })
  return statuses
}

/** A second is the bar; these machines are shared, and an answer that never comes takes eight. */
const graceMs = 5000

test('after a minute away on a socket that died silently, it is live within a second and has caught up', async () => {
  await using running = await startApp()
  await using proxy = await startCuttableProxy(running.app.ports.http)
  let aheadMs = 0
  await using phone = await signedInPhone({ url: through(proxy), user: 'alice', now: () => Date.now() + aheadMs })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await phone.devices.claim('lamp-1', device.claimCode)
  await using lamp = await connectAsDevice(running, device)
  await expect.poll(() => phone.devices.get('lamp-1')?.online).toBe(true)

  phone.session.hidden()
  proxy.silence()
  await lamp.mqtt.publishAsync(topics.state('lamp-1'), '{"on":true}', { qos: 1 })
  aheadMs = 60_000
  const statuses = statusesOf(phone)
  const resumedAt = performance.now()
  phone.session.shown()
  expect(phone.session.status).toBe('offline')
  expect(phone.devices.get('lamp-1')).toMatchObject({ online: true, state: {} }) // the last that is known
  await expect.poll(() => phone.devices.get('lamp-1')?.state, { interval: 5 }).toEqual({ on: true })
  expect(performance.now() - resumedAt).toBeLessThan(graceMs)
  expect(statuses).toEqual(['online', 'offline', 'online'])
  expect(phone.sockets).toEqual({ opened: 2, open: 1 })
  expect(phone.loginCodes).toBe(2)
})

test('what is asked while it comes back waits for that', async () => {
  await using running = await startApp()
  let aheadMs = 0
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice', now: () => Date.now() + aheadMs })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  phone.session.hidden() // to scan a code
  aheadMs = 20_000
  phone.session.shown()
  expect(await phone.devices.claim('lamp-1', device.claimCode)).toMatchObject({ ok: true })
})

test('a short look elsewhere leaves the connection alone', async () => {
  await using running = await startApp()
  let aheadMs = 0
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice', now: () => Date.now() + aheadMs })
  phone.session.hidden()
  aheadMs = 3000
  phone.session.shown()
  expect(await phone.session.request('device/list', {})).toMatchObject({ ok: true })
  expect(phone.sockets.opened).toBe(1)
})

test('a guest whose connection died silently comes back while the broker still knows the first', async () => {
  await using running = await startApp()
  await using proxy = await startCuttableProxy(running.app.ports.http)
  let aheadMs = 0
  await using phone = createNodePhone({ url: through(proxy), now: () => Date.now() + aheadMs })
  expect(await phone.session.start()).toEqual({ next: 'bind' })
  phone.session.hidden()
  proxy.silence()
  aheadMs = 60_000
  phone.session.shown()
  expect(await phone.session.register('alice', typedPassword)).toMatchObject({ ok: true })
  expect(running.lines.some(line => line.includes('connection-refused'))).toBe(false)
  expect(phone.sockets).toEqual({ opened: 2, open: 1 })
})

test('a broker that restarts is found again, with the devices in place all the while', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-restart-'))
  const first = await startApp({ dataDir })
  await using proxy = await startCuttableProxy(first.app.ports.http)
  await using phone = await signedInPhone({ url: through(proxy), user: 'alice' })
  const device = await addDevice(first, 'lamp', 'lamp-1')
  await phone.devices.claim('lamp-1', device.claimCode)
  await first[Symbol.asyncDispose]()
  await expect.poll(() => phone.session.status).toBe('offline')
  expect(phone.devices.list).toHaveLength(1)
  expect(await phone.devices.set('lamp-1', { on: true })).toEqual({ done: false, msg: 'offline' })
  {
    await using second = await startApp({ dataDir })
    proxy.target = second.app.ports.http
    await expect.poll(() => phone.session.status).toBe('online')
    await expect.poll(() => phone.devices.failure).toBeUndefined()
    expect(phone.devices.list).toHaveLength(1)
    expect(phone.loginCodes).toBe(2)
  }
  await rm(dataDir, { recursive: true })
})

test('without a network it is offline at once, fails what waits, tries nothing, and is back with the network', async () => {
  await using running = await startApp()
  await using proxy = await startCuttableProxy(running.app.ports.http)
  await using phone = await signedInPhone({ url: through(proxy), user: 'alice' })
  proxy.silence()
  const waiting = phone.session.request('device/list', {})
  phone.session.networkChanged(false)
  expect(phone.session.status).toBe('offline')
  expect(await waiting).toEqual({ ok: false, code: 'offline' })
  expect(await phone.session.request('device/list', {})).toEqual({ ok: false, code: 'offline' })
  await expect(phone.session.publish('devices/lamp-1/set', '{}')).rejects.toThrow('offline')
  expect(phone.sockets).toEqual({ opened: 1, open: 0 })
  phone.session.networkChanged(true)
  await expect.poll(() => phone.session.status).toBe('online')
  expect(phone.sockets).toEqual({ opened: 2, open: 1 })
})

test('a token that runs out while open is followed by a sign-in by WeChat, with the devices in place', async () => {
  await using running = await startApp({ configure: tokensFor(2) })
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  const statuses = statusesOf(phone)
  const lists: unknown[] = []
  await expect.poll(() => phone.devices.list).toEqual([])
  phone.devices.onChange(() => void lists.push(phone.devices.list))
  await expect.poll(() => statuses).toEqual(['online', 'offline', 'online'])
  expect(phone.loginCodes).toBe(3)
  expect(lists).not.toContain(undefined)
  expect(phone.session.account?.username).toBe('alice')
})

test('a token that is about to run out is replaced on the same connection, once', async () => {
  await using running = await startApp({ configure: tokensFor(200) })
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice' })
  const [first] = phone.storage.values()
  await expect.poll(() => [...phone.storage.values()][0]).not.toBe(first)
  await phone.session.request('account/me', {})
  const refreshes = running.lines.filter(line => line.includes('auth/refresh'))
  expect(refreshes).toHaveLength(1)
  expect(phone.sockets.opened).toBe(1)
})

test('a token that had expired before the start is not sent to the broker at all', async () => {
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  await using running = await startApp({ now })
  await using phone = await signedInPhone({ url: running.wsUrl, user: 'alice', now })
  await phone[Symbol.asyncDispose]()
  aheadMs = 24 * 3600 * 1000
  await using again = createNodePhone({ url: running.wsUrl, user: 'alice', now, storage: phone.storage })
  expect(await again.session.start()).toEqual({ next: 'home' })
  expect(again.loginCodes).toBe(1)
  expect(again.sockets.opened).toBe(1)
})

test('a phone whose client id turns out to be a device’s takes another one, and signs in with it', async () => {
  await using running = await startApp()
  await addDevice(running, 'lamp', 'mp_taken')
  const ids = ['taken', 'free']
  await using phone = createNodePhone({ url: running.wsUrl, random: () => ids.shift() ?? 'later' })
  expect(await phone.session.start()).toEqual({ next: 'bind' })
  expect(await phone.session.register('alice', typedPassword)).toMatchObject({ ok: false, code: 1009 })
  expect(await phone.session.register('alice', typedPassword)).toMatchObject({ ok: true })
  expect(logged(running, 'session-opened', '"mp_free"')).toBe(true)
})
