import { expect, test } from 'vitest'
import { createEngineHooks } from '../../../src/broker/edge/engine-hooks.ts'
import { createExchange, type ExchangeOptions } from '../../../src/broker/edge/exchange.ts'
import { Reader } from '../../../src/broker/sessions/reader.ts'
import type { Session } from '../../../src/broker/sessions/session.ts'
import type { MessageTaker } from '../../../src/broker/transport/packets/message-packets.ts'
import { createEvents } from '../../../src/domain/events.ts'

/** What happens to the commits, in order. */
function setUp() {
  const done: string[] = []
  const commits = {
    seam: () => void done.push('seam'),
    write: () => void done.push('write'),
    afterCommit: () => void done.push('after'),
    kept: async () => {
      done.push('write')
      return { given: [] }
    },
  }
  const reader = new Reader<Session>('c', true)
  const outbox = { acknowledged: () => done.push('write'), received: () => done.push('write') }
  const session = {
    clientId: 'c',
    principal: { kind: 'device' },
    reader,
    client: { closed: false },
    outbox,
    sendOn() {},
  }
  const passed = { message: { topic: 'app/x', payload: 'x', qos: 1, retain: true } as const, isState: false }
  const options: ExchangeOptions = {
    commits,
    guard: { pass: () => passed, passFast: () => passed, refuseRetained: () => ({ rule: '' }) },
    carry: { kept: () => done.push('write'), unkept: () => done.push('write') },
    path: { publishing: () => {} },
    holdWhileBehind: () => {},
    takeRequest: () => {},
    authenticate: () => {},
    qos2Window: 10,
    events: createEvents(),
  }
  const taker: MessageTaker = createExchange(options)(session as unknown as Session)
  const hooks = createEngineHooks({
    commits,
    subscriptions: { grantedOf: () => [{ topic: 'app/x', qos: 1 }], storedAs: () => ['app/x'] },
    ends: {},
    admission: {},
    stored: {},
  } as never)
  return { done, taker, hooks }
}

const packet = { topic: 'app/x', payload: Buffer.from('x'), retain: true, dup: false, messageId: 7 }
const client = { id: 'c' } as never

test.each<[string, (of: ReturnType<typeof setUp>) => unknown]>([
  ['a PUBLISH of the fast lane', ({ taker }) => taker.publishFast('app/x', Buffer.from('x'))],
  ['a PUBLISH at QoS 0', ({ taker }) => taker.publish({ ...packet, qos: 0 })],
  ['a PUBLISH at QoS 1', ({ taker }) => taker.publish({ ...packet, qos: 1 })],
  ['a PUBLISH at QoS 2', ({ taker }) => taker.publish({ ...packet, qos: 2 })],
  ['PUBACK', ({ taker }) => taker.puback(7)],
  ['PUBREC', ({ taker }) => taker.pubrec(7)],
  ['PUBREL', ({ taker }) => taker.pubrel(7)],
  ['PUBCOMP', ({ taker }) => taker.pubcomp(7)],
  ['a SUBSCRIBE', ({ hooks }) => hooks.keepGranted(client, ['app/x'])],
  ['an UNSUBSCRIBE', ({ hooks }) => hooks.forgetFilters(client, ['app/x'])],
])('%s has a seam before it and none within', async (_what, take) => {
  const all = setUp()
  await take(all)
  expect(all.done[0]).toBe('seam')
  expect(all.done.slice(1)).not.toContain('seam')
  expect(all.done.length).toBeGreaterThan(1)
})
