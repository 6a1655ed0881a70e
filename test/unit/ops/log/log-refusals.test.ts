import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEvents } from '../../../../src/domain/events.ts'
import { guest } from '../../../../src/domain/principal.ts'
import type { LogLine } from '../../../../src/log/log.ts'
import { logEvents } from '../../../../src/ops/log/log-events.ts'
import type { Code } from '../../../../src/protocol/codes.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function openLog() {
  const lines: LogLine[] = []
  const write = (line: LogLine) => void lines.push(line)
  const events = createEvents()
  logEvents(events, { trace: write, debug: write, info: write, warn: write, error: write, fatal: write })
  return { events, lines }
}

const pipeline = { kind: 'service', name: 'pipeline', acl: [], token: { id: 't', expiresAtMs: 0 } } as const
const by = (clientId: string) => ({ clientId, address: '192.0.2.1', principal: pipeline })
const guestFrom = (address: string, clientId: string) => ({ clientId, address, principal: guest })

test('refusals of one client have ten lines for each rule in a minute, and one that counts the rest', () => {
  const { events, lines } = openLog()
  for (let n = 0; n < 500; n++) {
    events.emit('subscribe-refused', { ...by('a'), topic: `x/${n}`, rule: 'no-rule' })
    events.emit('publish-refused', { ...by('a'), topic: `x/${n}`, rule: 'no-rule' })
  }
  events.emit('subscribe-refused', { ...by('a'), topic: 'y', rule: 'too-many-filters' })
  events.emit('subscribe-refused', { ...by('b'), topic: 'z', rule: 'no-rule' })
  const ten = Array.from({ length: 10 }, (_, n) => [
    ['subscribe-refused', `x/${n}`],
    ['publish-refused', `x/${n}`],
  ])
  expect(lines.map(line => [line.event, line.topic])).toEqual([
    ...ten.flat(),
    ['subscribe-refused', 'y'],
    ['subscribe-refused', 'z'],
  ])
  lines.length = 0
  vi.advanceTimersByTime(60_000)
  const leftOut = { event: 'refusals-left-out', principal: 'service:pipeline', clientId: 'a', address: '192.0.2.1' }
  expect(lines).toEqual([
    { ...leftOut, reason: 'subscribe-refused', rule: 'no-rule', count: 490 },
    { ...leftOut, reason: 'publish-refused', rule: 'no-rule', count: 490 },
  ])
})

test('a guest is its address, by whatever client ids it comes', () => {
  const { events, lines } = openLog()
  for (let n = 0; n < 50; n++) {
    events.emit('subscribe-refused', { ...guestFrom('2001:db8::1', `guest-${n}`), topic: 'x', rule: 'no-rule' })
    events.emit('subscribe-refused', { ...guestFrom(`2001:db8::${n}`, `other-${n}`), topic: 'x', rule: 'no-rule' })
  }
  expect(lines).toHaveLength(10)
})

test('a client that guesses without end gets ten lines for each operation and code, and one that counts the rest', () => {
  const { events, lines } = openLog()
  for (let n = 0; n < 500; n++)
    events.emit('sign-in-refused', { ...guestFrom('192.0.2.1', `guest-${n}`), operation: 'auth/signin', code: 1 })
  expect(lines).toHaveLength(10)
  lines.length = 0
  vi.advanceTimersByTime(60_000)
  expect(lines).toMatchObject([{ event: 'refusals-left-out', reason: 'sign-in-refused', code: 1, count: 490 }])
})

test('refused requests have ten lines of one operation and code, and no operation that a client made up stands in the log', () => {
  const { events, lines } = openLog()
  const answered = (operation: string, code: Code) =>
    events.emit('request-answered', { ...by('a'), operation, code, durationMs: 0 })
  for (let n = 0; n < 30; n++) answered(`made/up/${n}`, 4004)
  answered('account/me', 4029)
  for (let n = 0; n < 30; n++) answered('account/me', 0) // what is done has a line, always
  expect(lines.filter(({ operation }) => operation === 'unknown')).toHaveLength(10)
  expect(lines.filter(({ operation }) => operation === 'account/me')).toHaveLength(31)
  expect(JSON.stringify(lines)).not.toContain('made/up')
})

test('a client that tries again while its owner has too many sessions has ten lines a minute, and one that counts the rest', () => {
  const { events, lines } = openLog()
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
