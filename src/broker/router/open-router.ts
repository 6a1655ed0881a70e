import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import { decideDelivery } from '../../domain/policy.ts'
import { closeSession } from '../sessions/notify.ts'
import type { Session, SessionReader } from '../sessions/session.ts'
import type { StoredSessions } from '../sessions/stored/stored-sessions.ts'
import { CleanOutbox } from './clean-outbox.ts'
import { createFanOuts } from './fan-outs.ts'
import type { MessagePath } from './message-tap.ts'
import { RetainedFeed } from './retained-feed.ts'
import { createRetainedNow } from './retained-now.ts'
import { createRouter } from './router.ts'
import type { Routes } from './routes.ts'
import { createSendMessage } from './send-message.ts'
import { StoredOutbox } from './stored-outbox.ts'
import type { Turns } from './turns.ts'

export interface RouterOptions {
  readonly store: MqttStore
  readonly stored: StoredSessions
  readonly routes: Routes
  readonly turns: Turns
  readonly traffic: Pick<DeviceTraffic, 'stateNow'>
  readonly path: MessagePath
  /** What may wait in memory for one connection. */
  readonly maxBufferedBytes: number
  readonly onFault: (where: string, cause: unknown) => void
}

/** The router with everything that carries out what it decides. */
export function openRouter({ store, stored, routes, turns, traffic, path, maxBufferedBytes, onFault }: RouterOptions) {
  const send = createSendMessage(path)
  const retainedNow = createRetainedNow({ store, traffic })

  /** Whether a stored session, connected or away, may be kept a message on this topic. */
  function mayQueue({ clientId, session }: SessionReader, topic: string): boolean {
    if (session) return session.deliveryDecision(topic).allowed
    const principal = stored.principalOf(clientId)
    return principal !== undefined && decideDelivery({ clientId, principal }, topic).allowed
  }

  const fanOuts = createFanOuts({
    store,
    turns,
    readerOf: stored.readerOf,
    mayQueue,
    onFault: cause => onFault('fan-out', cause),
  })

  const createOutbox = (session: Session) =>
    session.reader.isStored
      ? new StoredOutbox({
          session,
          store,
          send,
          qosOn: topic => routes.of(topic).find(({ reader }) => reader === session.reader)?.qos,
          onFault: cause => onFault('queue', cause),
        })
      : new CleanOutbox(session, send, maxBufferedBytes)

  return {
    ...createRouter({ routes, fanOuts, path, send, afterCommit: store.afterCommit }),
    /** Ends what an earlier process has begun. Throws with a fault of the store. */
    resume: fanOuts.resume,
    /** Reads nothing more of a session that publishes, while more fan-outs are begun than should be. */
    holdWhileBehind({ stream }: Session): void {
      if (fanOuts.isBehind) fanOuts.whenCaughtUp(stream.hold())
    },
    /** Begins to send a session what it is owed. To be called when CONNACK is written. One whose queue cannot be read is closed. */
    startSending(session: Session): void {
      try {
        session.outbox = createOutbox(session)
        session.feed = new RetainedFeed({
          session,
          store,
          turns,
          send,
          retainedNow,
          onFault: cause => onFault('store retained', cause),
        })
        session.stream.onTaken = () => session.sendOn()
        session.sendOn()
      } catch (cause) {
        onFault('queue', cause)
        closeSession(session, 'queue-not-read')
      }
    },
  }
}
