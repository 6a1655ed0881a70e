import { expect, test } from 'vitest'
import { createEvents } from '../../../../src/domain/events.ts'
import { guest } from '../../../../src/domain/principal.ts'
import { countEvents } from '../../../../src/ops/metrics/count-events.ts'

const by = { clientId: 'c', address: '192.0.2.1', principal: guest }

test('names that clients make up are no keys of a count', () => {
  const events = createEvents()
  const counted = countEvents(events)
  for (const name of ['one/two', '__proto__', 'auth/login/x', '']) {
    events.emit('request-answered', { ...by, operation: name, code: 4004, durationMs: 1 })
    events.emit('publish-refused', { ...by, topic: name, rule: name })
    events.emit('subscribe-refused', { ...by, topic: name, rule: name })
  }
  events.emit('request-answered', { ...by, operation: 'auth/login', code: 0, durationMs: 1 })
  expect(counted.requests()).toEqual([
    { operation: 'unknown', code: 4004, count: 4 },
    { operation: 'auth/login', code: 0, count: 1 },
  ])
  expect(counted.refusals()).toEqual([{ rule: 'other', count: 8 }])
})

test('a refused connection is counted by our reason, without what a library said of it', () => {
  const events = createEvents()
  const counted = countEvents(events)
  const refused = (reason: string) =>
    events.emit('connection-refused', { address: '192.0.2.1', clientId: 'c', reason, returnCode: 0 })
  refused('bad-handshake: ERR_SSL_TLSV1_ALERT_UNKNOWN_CA')
  refused('bad-handshake: ERR_SSL_NO_SUITABLE_DIGEST_ALGORITHM')
  refused('bad-credentials')
  refused('Something Else')
  expect(counted.connectionsRefused()).toEqual([
    ['bad-handshake', 2],
    ['bad-credentials', 1],
    ['other', 1],
  ])
})
