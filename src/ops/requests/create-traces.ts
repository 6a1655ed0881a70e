import type { Events } from '../../domain/events.ts'
import type { LiveTopics } from '../../domain/live-topics.ts'
import type { TappedMessage, TappedMessages } from '../../domain/message-tap.ts'
import type { Origin } from '../../domain/origin.ts'
import { principalName, userIdOf } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import { topics } from '../../protocol/topics.ts'
import { redactPayload } from './redact-payload.ts'

/** The client, user or device that a trace follows. */
export type Traced =
  | { readonly kind: 'client'; readonly id: string }
  | { readonly kind: 'user'; readonly id: string }
  | { readonly kind: 'device'; readonly id: string }

/** Publishes what one client, user or device does on `ops/trace/{id}`, for a time. */
export interface Traces {
  /** When the trace ends, in milliseconds since 1970; 'too-many' when too many are running. */
  start(id: string, traced: Traced, minutes: number): number | 'too-many'
  /** Ends all traces. */
  close(): void
}

interface Options {
  readonly events: Events
  readonly live: LiveTopics & TappedMessages
  readonly now: Clock
}

interface Trace {
  readonly topic: string
  readonly traced: Traced
  readonly timer: NodeJS.Timeout
  lines: number
}

export const maxTraces = 10

/** The part of an event that says whom it is about. */
interface Happening {
  readonly what: string
  readonly by?: Origin
  readonly clientId?: string
  readonly topic?: string
}

/** Looks at messages only while a trace is running. */
export function createTraces({ events, live, now }: Options): Traces {
  const traces = new Map<string, Trace>()

  function tell(happening: Happening, more: () => object): void {
    for (const trace of traces.values()) if (isAbout(happening, trace.traced)) write(trace, happening, more())
  }

  function write(trace: Trace, { what, by, clientId = by?.clientId, topic }: Happening, more: object): void {
    trace.lines++
    const who = by && { principal: principalName(by.principal), address: by.address }
    const line = {
      at: now(),
      what,
      ...(clientId !== undefined && { clientId }),
      ...who,
      ...(topic && { topic }),
      ...more,
    }
    live.publishLive(
      trace.topic,
      () => JSON.stringify(line),
      count => JSON.stringify({ at: now(), what: 'missed', count }),
    )
  }

  function end(id: string): void {
    const trace = traces.get(id)
    if (!trace) return
    clearTimeout(trace.timer)
    write(trace, { what: 'ended' }, { lines: trace.lines })
    traces.delete(id)
    if (traces.size === 0) live.tapMessages(undefined)
  }

  const message =
    (what: string) =>
    (by: Origin, { topic, payload, qos, retain, rule }: TappedMessage) =>
      tell({ what, by, topic }, () => {
        return { qos, retain, rule, bytes: payload.length, payload: redactPayload(topic, payload) }
      })
  const tap = { published: message('published'), delivered: message('delivered') }

  events.on('session-opened', ({ transport, ...by }) => tell({ what: 'connected', by }, () => ({ transport })))
  events.on('session-closed', ({ reason, ...by }) => tell({ what: 'disconnected', by }, () => ({ reason })))
  events.on('connection-refused', ({ clientId, address, reason, returnCode }) =>
    tell({ what: 'connection-refused', clientId }, () => ({ address, reason, returnCode })),
  )
  events.on('publish-refused', ({ topic, rule, ...by }) =>
    tell({ what: 'publish-refused', by, topic }, () => ({ rule })),
  )
  events.on('subscribe-refused', ({ topic, rule, ...by }) =>
    tell({ what: 'subscribe-refused', by, topic }, () => ({ rule })),
  )
  events.on('request-answered', ({ operation, code, unheard, durationMs, ...by }) =>
    tell({ what: 'answered', by }, () => ({ operation, code, ...(unheard && { unheard }), durationMs })),
  )

  return {
    start(id, traced, minutes) {
      if (traces.size >= maxTraces) return 'too-many'
      const timer = setTimeout(() => end(id), minutes * 60_000).unref()
      traces.set(id, { topic: topics.trace(id), traced, timer, lines: 0 })
      live.tapMessages(tap)
      return now() + minutes * 60_000
    },
    close() {
      for (const id of [...traces.keys()]) end(id)
    },
  }
}

function isAbout({ by, clientId = by?.clientId, topic = '' }: Happening, { kind, id }: Traced): boolean {
  switch (kind) {
    case 'client':
      return clientId === id
    case 'user':
      return by !== undefined && userIdOf(by.principal) === id
    case 'device':
      return clientId === id || topic.startsWith(`devices/${id}/`) // a device's client id is its own
  }
}
