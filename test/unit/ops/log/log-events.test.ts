import { expect, test } from 'vitest'
import { createEvents, type DomainEvents } from '../../../../src/domain/events.ts'
import { guest } from '../../../../src/domain/principal.ts'
import { logCatalogue as declared } from '../../../../src/log/catalogue.ts'
import type { LogLine } from '../../../../src/log/log.ts'
import { logEvents } from '../../../../src/ops/log/log-events.ts'
import type { LogLevel } from '../../../../src/protocol/log-topic.ts'

const origin = { clientId: 'c1', address: '127.0.0.1', principal: guest }
const cause = new Error('why')

/** One of each: a new kind of event does not compile until it stands here, and then asks for a line. */
const samples: DomainEvents = {
  'session-opened': [{ ...origin, transport: 'ws' }],
  'session-closed': [{ ...origin, reason: 'client-left', durationMs: 5 }],
  'messages-dropped': [{ clientId: 'phone', count: 3 }],
  'session-slowed': [origin],
  'session-expired': [{ clientId: 'phone', owner: guest, awayMs: 700_000_000 }],
  'session-displaced': [{ clientId: 'phone', owner: guest, by: guest }],
  'session-dropped': [{ clientId: 'phone', owner: guest, awayMs: 700_000_000, limit: 'sessionsPerAccount' }],
  'connection-refused': [{ address: '127.0.0.1', clientId: 'c1', reason: 'bad-credentials', returnCode: 4 }],
  'proxy-not-trusted': [{ address: '10.0.0.9' }],
  'publish-refused': [{ ...origin, topic: 'a/b', rule: 'no-rule' }],
  'command-refused': [{ ...origin, topic: 'devices/d1/set', code: 2004, reason: 'device offline' }],
  'subscribe-refused': [{ ...origin, topic: 'a/#', rule: 'no-rule' }],
  'request-answered': [{ ...origin, operation: 'auth/login', code: 1001, durationMs: 3 }],
  'signed-in': [{ ...origin, operation: 'auth/login', userId: 'u1' }],
  'wechat-linked': [{ ...origin, userId: 'u1' }],
  'sign-in-refused': [{ ...origin, operation: 'auth/signin', code: 1, username: 'ann' }],
  'device-claimed': [{ deviceId: 'd1', userId: 'u1' }],
  'device-enrolled': [{ ...origin, deviceId: 'd1', type: 'lamp' }],
  'device-released': [{ deviceId: 'd1', userId: 'u1', tenure: 'x' }],
  'device-added': [{ deviceId: 'd1', type: 'lamp' }],
  'device-shared': [{ deviceId: 'd1', userId: 'u1', role: 'viewer' }],
  'grant-changed': [{ userId: 'u1', deviceId: 'd1', role: null }],
  'device-changed': [{ userId: 'u1', deviceId: 'd1' }],
  'token-reused': [{ ...origin, tokenId: 't', userId: 'u' }],
  'address-blocked': [{ network: '192.0.2.1', family: 'ipv4', bits: 32, untilMs: 1 }],
  'address-unblocked': [{ network: '192.0.2.1', family: 'ipv4', bits: 32 }],
  'network-closed': [{ network: '192.0.2.1' }],
  'service-token-ending': [{ name: 'nodered', tokenId: 't', expiresAtMs: 1_700_000_000_000 }],
  'token-revoked': [{ tokenId: 't1', reason: 'logout' }],
  'account-signed-out': [{ userId: 'u1', reason: 'password' }],
  'device-barred': [{ deviceId: 'd1', reason: 'device-disabled' }],
  acted: [{ ...origin, kind: 'kick', target: { kind: 'client', id: 'c2' } }],
  'device-online': [{ deviceId: 'd1' }],
  'device-offline': [{ deviceId: 'd1', reason: 'keep-alive' }],
  'state-value-refused': [{ deviceId: 'd1', property: 'on', reason: 'must be boolean' }],
  'store-changed-elsewhere': [{}],
  'database-locked': [{ file: 'latchkey.db' }],
  'database-free': [{ file: 'latchkey.db', lockedMs: 4000 }],
  fault: [{ where: 'wechat', cause }],
}

function announce<E extends keyof DomainEvents>(name: E) {
  const lines: { level: LogLevel; line: LogLine }[] = []
  const at = (level: LogLevel) => (line: LogLine) => void lines.push({ level, line })
  const events = createEvents()
  logEvents(events, {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
  })
  const emitter: { emit(name: string, ...args: unknown[]): boolean } = events
  emitter.emit(name, ...samples[name])
  return lines
}

test.each(Object.keys(samples) as (keyof DomainEvents)[])('%s is one line of that name', name => {
  expect(announce(name).map(({ line }) => line.event)).toEqual([name])
})

test.each(Object.keys(samples) as (keyof DomainEvents)[])(
  '%s has the level and no other fields than are declared',
  name => {
    for (const { level, line } of announce(name)) {
      const { event, ...fields } = line
      expect(declared[event].level).toBe(level)
      expect(declared[event].fields).toEqual(expect.arrayContaining(Object.keys(fields)))
    }
  },
)

test('a refused connection says who, from where and why', () => {
  expect(announce('connection-refused')).toEqual([
    {
      level: 'warn',
      line: {
        event: 'connection-refused',
        clientId: 'c1',
        address: '127.0.0.1',
        returnCode: 4,
        reason: 'bad-credentials',
      },
    },
  ])
})

test('a refused publish names the rule', () => {
  expect(announce('publish-refused')).toMatchObject([
    { level: 'warn', line: { clientId: 'c1', principal: 'guest', topic: 'a/b', rule: 'no-rule' } },
  ])
})

test('a request says operation, code and time', () => {
  expect(announce('request-answered')).toMatchObject([
    { level: 'info', line: { operation: 'auth/login', code: 1001, durationMs: 3 } },
  ])
})

test('a fault is an error with its cause', () => {
  expect(announce('fault')).toMatchObject([{ level: 'error', line: { where: 'wechat', err: cause } }])
})
