import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openLink } from '../../../miniprogram/app/services/link.ts'
import type { MqttClient } from '../../../miniprogram/app/vendor/mqtt.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A client that does nothing by itself. */
class StillClient extends EventEmitter implements MqttClient {
  readonly connected = false
  readonly ended: boolean[] = []
  subscribe(): this {
    return this
  }
  unsubscribe(): this {
    return this
  }
  publish(): this {
    return this
  }
  reconnect(): this {
    return this
  }
  end(force: boolean): this {
    this.ended.push(force)
    return this
  }
}

function open() {
  const client = new StillClient()
  const heard: string[] = []
  const lost = vi.fn()
  const link = openLink({
    connect: () => client,
    textOf: payload => Buffer.from(payload).toString(),
    openSocket: () => {
      throw new Error('no socket')
    },
    url: 'wss://example.com/mqtt',
    clientId: 'mp_1',
    heard: topic => void heard.push(topic),
    lost,
  })
  const message = (topic: string, text = '{}') => client.emit('message', topic, Buffer.from(text), { retain: false })
  return { client, link, heard, lost, message }
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
