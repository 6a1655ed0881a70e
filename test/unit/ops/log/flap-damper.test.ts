import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEvents } from '../../../../src/domain/events.ts'
import type { LogLine } from '../../../../src/log/log.ts'
import { logEvents } from '../../../../src/ops/log/log-events.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function createLogged() {
  const lines: LogLine[] = []
  const write = (line: LogLine) => void lines.push(line)
  const events = createEvents()
  logEvents(events, { trace: write, debug: write, info: write, warn: write, error: write, fatal: write })
  const flap = (deviceId: string, times: number) => {
    for (let i = 0; i < times; i++) {
      events.emit('device-online', { deviceId })
      events.emit('device-offline', { deviceId, reason: 'connection-lost' })
    }
  }
  return { lines, events, flap }
}

test('a device that comes and goes has six lines a minute, and one that says how many were left out and what it is now', () => {
  const { lines, events, flap } = createLogged()
  flap('d1', 50)
  events.emit('device-online', { deviceId: 'd1' })
  expect(lines.map(({ event }) => event)).toEqual(
    Array.from({ length: 3 }, () => ['device-online', 'device-offline']).flat(),
  )
  lines.length = 0
  vi.advanceTimersByTime(60_000)
  expect(lines).toEqual([{ event: 'device-flapping', deviceId: 'd1', count: 95, online: true }])
})

test('one device that flaps takes nothing from the lines of another, and is heard again a minute later', () => {
  const { lines, flap } = createLogged()
  flap('d1', 3)
  flap('d2', 1)
  vi.advanceTimersByTime(60_000)
  flap('d1', 1)
  expect(lines.map(({ event, deviceId }) => `${event} ${deviceId}`).slice(6)).toEqual([
    'device-online d2',
    'device-offline d2',
    'device-online d1',
    'device-offline d1',
  ])
})

test('what was remembered of a device is gone after a minute', () => {
  const { flap } = createLogged()
  flap('d1', 1)
  expect(vi.getTimerCount()).toBe(1)
  vi.advanceTimersByTime(60_000)
  expect(vi.getTimerCount()).toBe(0)
})
