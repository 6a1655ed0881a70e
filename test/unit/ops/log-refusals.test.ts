import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEvents } from '../../../src/domain/events.ts'
import type { LogLine } from '../../../src/domain/log.ts'
import { logEvents } from '../../../src/ops/log-events.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a client that tries again while its owner has too many sessions has ten lines a minute, and one that counts the rest', () => {
  const lines: LogLine[] = []
  const write = (line: LogLine) => void lines.push(line)
  const events = createEvents()
  logEvents(events, { trace: write, debug: write, info: write, warn: write, error: write, fatal: write })
  const refuse = (name: string, times: number) => {
    const principal = { kind: 'service', name, acl: [], token: { id: 't', expiresAtMs: 0 } } as const
    const refusal = { address: '192.0.2.1', clientId: 'c', reason: 'too-many-sessions', returnCode: 3, principal }
    for (let n = 0; n < times; n++) events.emit('connection-refused', refusal)
  }
  refuse('pipeline', 600)
  refuse('other', 1) // another owner's lines are its own
  expect(lines.map(line => (line.event === 'connection-refused' ? line.principal : line.event))).toEqual([
    ...Array.from({ length: 10 }, () => 'service:pipeline'),
    'service:other',
  ])
  lines.length = 0
  vi.advanceTimersByTime(60_000)
  expect(lines).toEqual([
    { event: 'connections-refused', principal: 'service:pipeline', reason: 'too-many-sessions', count: 590 },
  ])
})
