import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Link, openLink } from '../../../miniprogram/app/services/link.ts'
import type { SocketLike } from '../../../miniprogram/app/services/platform.ts'
import type { MqttClient } from '../../../miniprogram/app/vendor/mqtt.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A client that does nothing by itself. */
class StillClient extends EventEmitter implements MqttClient {
  readonly connected = false
  readonly ended: boolean[] = []
  pings = 0
  subscribe(): this {
    this.emit('packetsend', { cmd: 'subscribe' })
    return this
  }
  unsubscribe(): this {
    return this
  }
  publish(_topic: string, _payload: string, { qos }: { readonly qos: 0 | 1 | 2 }): this {
    this.emit('packetsend', { cmd: 'publish', qos })
    return this
  }
  sendPing(): void {
    this.pings++
    this.emit('packetsend', { cmd: 'pingreq' })
  }
  reconnect(): this {
    return this
  }
  end(force: boolean): this {
    this.ended.push(force)
    return this
  }
}

/** A socket that only tells when bytes arrive. */
function stillSocket(): SocketLike {
  return {
    ...{ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3, url: '', readyState: 1, bufferedAmount: 0, binaryType: '' },
    ...{ onopen: null, onmessage: null, onerror: null, onclose: null },
    send() {},
    close() {},
    drop() {},
  }
}

function open() {
  const client = new StillClient()
  let bytes = () => {}
  const heard: string[] = []
  const lost = vi.fn()
  const link = openLink({
    connect({ openSocket }) {
      openSocket('wss://example.com/mqtt', ['mqtt'])
      return client
    },
    textOf: payload => Buffer.from(payload).toString(),
    openSocket(_url, _protocols, heard) {
      bytes = heard
      return stillSocket()
    },
    url: 'wss://example.com/mqtt',
    clientId: 'mp_1',
    heard: topic => void heard.push(topic),
    lost,
  })
  const message = (topic: string, text = '{}') => client.emit('message', topic, Buffer.from(text), { retain: false })
  /** Bytes arrive, of a whole packet when there is one. */
  const arrive = (cmd?: string) => {
    bytes()
    if (cmd !== undefined) client.emit('packetreceive', { cmd })
  }
  return { client, link, heard, lost, message, arrive }
}

test('nothing that a dropped client still says is heard', async () => {
  const { client, link, heard, lost, message } = open()
  client.emit('connect', { sessionPresent: false })
  message('devices/lamp/state')
  expect(heard).toEqual(['devices/lamp/state'])
  link.drop()
  expect(client.ended).toEqual([true])
  message('devices/lamp/state')
  client.emit('connect', { sessionPresent: false })
  client.emit('error', Object.assign(new Error('refused'), { code: 5 }))
  client.emit('close')
  expect(link.isOpen).toBe(false)
  expect(heard).toHaveLength(1)
  expect(lost).not.toHaveBeenCalled()
})

test('a link that is dropped before it is open never opens', async () => {
  const { client, link } = open()
  link.drop()
  client.emit('connect', { sessionPresent: false })
  expect(await link.opened).toBe('unreachable')
  expect(link.isOpen).toBe(false)
})

test('what waits when the connection ends is told, and the loss once', async () => {
  const { client, link, lost } = open()
  client.emit('connect', { sessionPresent: false })
  const waiting = [link.publish('devices/lamp/set', '{}'), link.subscribe(['devices/+/state'])]
  const asked = link.ask('device/list', {})
  client.emit('close')
  client.emit('error', new Error('again'))
  for (const one of waiting) await expect(one).rejects.toThrow('offline')
  expect(await asked).toEqual({ ok: false, code: 'offline' })
  await expect(link.publish('devices/lamp/set', '{}')).rejects.toThrow('offline')
  expect(lost).toHaveBeenCalledTimes(1)
})

test('CONNACK’s code is told; an error without a number, or none at all for eight seconds, is no answer', async () => {
  const refused = open()
  refused.client.emit('error', Object.assign(new Error('refused'), { code: 5 }))
  expect(await refused.link.opened).toEqual({ refused: 5 })
  const broken = open()
  broken.client.emit('error', Object.assign(new Error('broken'), { code: 'ECONNREFUSED' }))
  expect(await broken.link.opened).toBe('unreachable')
  const silent = open()
  vi.advanceTimersByTime(8000)
  expect(await silent.link.opened).toBe('unreachable')
  expect(silent.lost).not.toHaveBeenCalled()
  expect(silent.client.ended).toEqual([true])
  expect(vi.getTimerCount()).toBe(0)
})

/** An open link. */
function opened() {
  const created = open()
  created.client.emit('connect', { sessionPresent: false })
  return created
}

test.each([
  ['a publish at QoS 1', (link: Link) => link.publish('devices/lamp/set', '{}').catch((cause: Error) => cause.message)],
  ['a subscription', (link: Link) => link.subscribe(['devices/+/state']).catch((cause: Error) => cause.message)],
  ['a request', (link: Link) => link.ask('device/list', {}).then(answer => !answer.ok && answer.code)],
  ['a catching up', (link: Link) => link.caughtUp().catch((cause: Error) => cause.message)],
])('not one byte for three seconds after %s: the link is dead, and what waits fails as offline', async (_what, ask) => {
  const { client, link, lost, arrive } = opened()
  arrive()
  const waiting = ask(link)
  vi.advanceTimersByTime(2999)
  expect(lost).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(lost).toHaveBeenCalledTimes(1)
  expect(client.ended).toEqual([true])
  expect(link.isOpen).toBe(false)
  expect(await waiting).toBe('offline')
  expect(vi.getTimerCount()).toBe(0)
})

test('a PINGREQ of the client itself that nothing answers finds a dead link out too', () => {
  const { client, lost } = opened()
  vi.advanceTimersByTime(60_000)
  expect(lost).not.toHaveBeenCalled() // nothing was asked
  client.sendPing()
  vi.advanceTimersByTime(3000)
  expect(lost).toHaveBeenCalledTimes(1)
})

test('a broker that is slow to answer and answers pings has its twelve seconds, and then the request is overdue', async () => {
  const { client, link, lost, arrive } = opened()
  const asked = link.ask('auth/login', { code: 'x' })
  expect(client.pings).toBe(1) // with the request itself
  const answered = vi.fn()
  void asked.then(answered)
  let pongs = 0
  for (let ms = 0; ms < 12_000; ms += 100) {
    expect(answered).not.toHaveBeenCalled()
    for (; pongs < client.pings; pongs++) arrive('pingresp')
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(pongs).toBeGreaterThan(5)
  for (; pongs < client.pings; pongs++) arrive('pingresp')
  expect(await asked).toEqual({ ok: false, code: 'timeout' })
  expect(lost).not.toHaveBeenCalled()
})

test('a reply that is still arriving when its time is over is waited for: bytes prove life, and PINGRESP comes after it', async () => {
  const { client, link, lost, arrive, message } = opened()
  const asked = link.ask('device/list', {})
  for (let ms = 0; ms < 90_000; ms += 1000) {
    arrive()
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(lost).not.toHaveBeenCalled()
  message('reply/mp_1/device/list', '{"id":"1","code":0,"data":[]}')
  expect(await asked).toEqual({ ok: true, data: [] })
  for (let ping = 0; ping < client.pings; ping++) arrive('pingresp')
  vi.advanceTimersByTime(1000)
  expect(vi.getTimerCount()).toBe(0)
})

test('while an answer of somebody else is awaited the link is looked after, and no longer', async () => {
  const { client, link, lost, arrive } = opened()
  let answer = () => {}
  const awaited = link.awaiting(
    new Promise<void>(resolve => {
      answer = resolve
    }),
  )
  for (let second = 0; second < 10; second++) {
    vi.advanceTimersByTime(1000)
    arrive('pingresp')
  }
  expect(client.pings).toBe(10)
  answer()
  await awaited
  vi.advanceTimersByTime(60_000)
  expect(client.pings).toBe(10)
  expect(lost).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})

test('all that the broker had sent has arrived when it answers the ping that was sent for that, not an earlier one', async () => {
  const { client, link, arrive } = opened()
  client.sendPing()
  const caughtUp = vi.fn()
  void link.caughtUp().then(caughtUp)
  arrive('pingresp')
  await vi.advanceTimersByTimeAsync(0)
  expect(caughtUp).not.toHaveBeenCalled()
  arrive('pingresp')
  await vi.advanceTimersByTimeAsync(0)
  expect(caughtUp).toHaveBeenCalledTimes(1)
})

test('an app that was held up for long takes no broker for silent that has answered meanwhile', () => {
  const { link, lost, arrive } = opened()
  void link.publish('devices/lamp/set', '{}').catch(() => {})
  vi.advanceTimersByTime(1000)
  vi.setSystemTime(Date.now() + 60_000) // no timer was run in this time
  vi.advanceTimersByTime(1500)
  expect(lost).not.toHaveBeenCalled()
  arrive('puback')
  vi.advanceTimersByTime(2500)
  expect(lost).not.toHaveBeenCalled()
})
