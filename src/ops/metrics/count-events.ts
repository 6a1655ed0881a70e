import type { Events } from '../../domain/events.ts'
import { ruleMeaning } from '../../domain/rule-meaning.ts'
import { isOperationName } from '../../protocol/operations.ts'
import { createTally, type Tally } from './tally.ts'

/** Counts of events since the start. All keys are our own, never invented by a client. */
export interface EventCounts {
  /** By operation (`unknown` when there is no such operation) and reply code. */
  requests(): readonly { readonly operation: string; readonly code: number; readonly count: number }[]
  /** Refused publishes and subscriptions. */
  refusals(): readonly { readonly rule: string; readonly count: number }[]
  connectionsRefused(): [reason: string, count: number][]
  /** By reply code. */
  commandsRefused(): [code: number, count: number][]
  /** Messages dropped because the queue of a session was full. */
  readonly messagesDropped: number
  readonly faults: number
}

/** The operation's name if it exists; clients may send any name. */
export const knownOperation = (name: string): string => (isOperationName(name) ? name : 'unknown')

const knownRule = (rule: string): string => (ruleMeaning(rule) === '' ? 'other' : rule)
/** The part before the colon; what follows it may come from a library. */
const knownReason = (reason: string): string => /^[a-z][a-z-]{0,39}(?=$|:)/.exec(reason)?.[0] ?? 'other'

/** Starts counting. */
export function countEvents(events: Events): EventCounts {
  const requests = new Map<string, Tally<number>>()
  const rules = createTally<string>()
  const reasons = createTally<string>()
  const commands = createTally<number>()
  let messagesDropped = 0
  let faults = 0

  events.on('request-answered', ({ operation, code }) => {
    const name = knownOperation(operation)
    const codes = requests.get(name) ?? createTally()
    requests.set(name, codes)
    codes.add(code)
  })
  events.on('publish-refused', ({ rule }) => rules.add(knownRule(rule)))
  events.on('subscribe-refused', ({ rule }) => rules.add(knownRule(rule)))
  events.on('command-refused', ({ code }) => commands.add(code))
  events.on('connection-refused', ({ reason }) => reasons.add(knownReason(reason)))
  events.on('messages-dropped', ({ count }) => {
    messagesDropped += count
  })
  events.on('fault', () => {
    faults++
  })

  return {
    requests: () =>
      [...requests].flatMap(([operation, codes]) =>
        codes.entries().map(([code, count]) => ({ operation, code, count })),
      ),
    refusals: () => rules.entries().map(([rule, count]) => ({ rule, count })),
    connectionsRefused: () => reasons.entries(),
    commandsRefused: () => commands.entries(),
    get messagesDropped() {
      return messagesDropped
    },
    get faults() {
      return faults
    },
  }
}
