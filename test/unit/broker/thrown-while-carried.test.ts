import { expect, test } from 'vitest'
import { createExchange, type ExchangeOptions } from '../../../src/broker/edge/exchange.ts'
import { createWills } from '../../../src/broker/edge/wills.ts'
import { Reader } from '../../../src/broker/sessions/reader.ts'
import type { Session } from '../../../src/broker/sessions/session.ts'
import { mqtt311 } from '../../../src/broker/transport/packets/mqtt3.ts'
import { createEvents } from '../../../src/domain/events.ts'

const bug = (): never => {
  throw new Error('a bug')
}
const commits = {
  write: () => {},
  seam: () => {},
  afterCommit: (act: () => void) => act(),
  kept: async () => ({ given: [] }),
}
const message = { topic: 'app/x', payload: Buffer.from('x'), qos: 2, retain: false } as const

/** What the hand-shakes and wills need of a session. */
function createSession() {
  const written: unknown[] = []
  const session = {
    clientId: 'c',
    principal: { kind: 'device', deviceId: 'c', type: 'lamp' },
    reader: new Reader<Session>('c', false),
    client: { closed: false, close: () => {} },
    stream: {
      answer: (...answer: unknown[]) => written.push(answer),
      sayFarewell() {},
      dialect: mqtt311,
      saidGoodbye: false,
      destroy: () => {},
    },
    closeReason: undefined as string | undefined,
    ready: true,
    will: message,
  }
  return { session: session as unknown as Session, written }
}

test('a message that a bug keeps from being carried is not acknowledged, and nothing of it stays begun', () => {
  const { session, written } = createSession()
  const events = createEvents()
  const faults: string[] = []
  events.on('fault', ({ where }) => faults.push(where))
  const options: ExchangeOptions = {
    commits,
    guard: {
      pass: () => ({ message, isState: false }),
      passFast: bug,
      refuseRetained: bug,
    },
    carry: { kept: bug, unkept: bug },
    path: { publishing: () => {} },
    holdWhileBehind: () => {},
    takeRequest: bug,
    authenticate: () => {},
    qos2Window: 10,
    events,
  }
  createExchange(options)(session).publish({ ...message, messageId: 7, dup: false })
  expect({ faults, written, left: session.reader.incoming.size, why: session.closeReason }).toEqual({
    faults: ['keeping a message'],
    written: [],
    left: 0,
    why: 'message-not-kept',
  })
})

test('a will that a bug keeps from being sent takes nothing else with it', () => {
  const { session } = createSession()
  const faults: string[] = []
  const wills = createWills({
    due: { delay() {}, cancel() {} },
    outlivesBySeconds: () => 0,
    isContinued: () => false,
    keepers: new Map(),
    now: Date.now,
    commits,
    guard: { pass: bug, refuseRetained: bug },
    carry: { kept: bug, unkept: bug },
    path: { publishing: () => {} },
    onFault: where => faults.push(where),
  })
  wills.ended(session)
  expect(faults).toEqual(['sending a will'])
})
