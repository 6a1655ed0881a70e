import type { Closings } from './closings.ts'
import type { Session } from './session.ts'
import type { SessionTable } from './session-table.ts'

const sweepMs = 1000
/** A client is given one and a half times what it says [MQTT-3.1.2-24]. */
const grace = 1.5

interface Heard {
  arrivedBytes: number
  atMs: number
}

/** Closes sessions that have sent nothing for longer than their keep alive allows. */
export interface KeepAlive {
  stop(): void
}

/**
 * Looks at all sessions once a second. Every byte counts as a sign of life: in the middle of a long packet on a slow link there is no other. While we do
 * not read from a client, its silence does not count. When a network goes down, thousands fall silent at once. `now` is a clock in milliseconds that never
 * goes back.
 */
export function startKeepAlive(
  sessions: Pick<SessionTable, 'all'>,
  closings: Closings,
  now = () => performance.now(),
): KeepAlive {
  const heard = new WeakMap<Session, Heard>()

  /** For how long nothing has come, to the second. */
  function silentForMs(session: Session, nowMs: number): number {
    const { arrivedBytes, isListening } = session.stream
    const last = heard.get(session)
    if (last && isListening && last.arrivedBytes === arrivedBytes) return nowMs - last.atMs
    if (last) Object.assign(last, { arrivedBytes, atMs: nowMs })
    else heard.set(session, { arrivedBytes, atMs: nowMs })
    return 0
  }

  function* silent(): Iterable<Session> {
    const nowMs = now()
    for (const session of sessions.all()) {
      const limitMs = session.keepAliveSeconds * 1000 * grace
      if (limitMs > 0 && silentForMs(session, nowMs) > limitMs) yield session
    }
  }

  const timer = setInterval(() => closings.end([...silent()], 'keep-alive-timeout'), sweepMs).unref()
  return { stop: () => clearInterval(timer) }
}
