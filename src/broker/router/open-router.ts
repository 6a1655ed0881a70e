import type { Bus } from '../../domain/bus.ts'
import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import { decideDelivery } from '../../domain/policy.ts'
import type { Clock } from '../../domain/request.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
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
import { createSendNow } from './send-now.ts'
import { createSharing } from './sharing.ts'
import { StoredOutbox } from './stored-outbox.ts'
import type { Turns } from './turns.ts'

export interface RouterOptions {
  readonly store: MqttStore
  readonly commits: GroupCommit
  readonly stored: StoredSessions
  readonly routes: Routes
  readonly turns: Turns
  readonly traffic: Pick<DeviceTraffic, 'stateNow'>
  readonly path: MessagePath
  readonly bus: Pick<Bus, 'carry'>
  /** What may wait in memory for one connection. */
  readonly maxBufferedBytes: number
  readonly onFault: (where: string, cause: unknown) => void
  readonly now: Clock
}

/** The router, and everything that carries out what it decides. */
export function openRouter(options: RouterOptions) {
  const { store, commits, stored, routes, turns, traffic, path, bus, maxBufferedBytes, onFault, now } = options
  const send = createSendMessage(path, now)
  const retainedNow = createRetainedNow({ store, commits, traffic })

  /** Whether a message on this topic may be queued for a stored session, connected or away. */
  function mayQueue({ clientId, session }: SessionReader, topic: string): boolean {
    if (session) return session.deliveryDecision(topic).allowed
    const principal = stored.principalOf(clientId)
    return principal !== undefined && decideDelivery({ clientId, principal }, topic).allowed
  }

  const fanOuts = createFanOuts({
    store,
    commits,
    turns,
    readerOf: stored.readerOf,
    mayQueue,
    onFault: cause => onFault('fan-out', cause),
  })

  const sharing = createSharing({
    routes,
    fanOuts,
    commits,
    sendNow: createSendNow(send),
    onFault: cause => onFault('shared subscription', cause),
    mayQueue,
  })

  const routeOn = (session: Session, topic: string) => routes.of(topic).find(({ reader }) => reader === session.reader)

  const createOutbox = (session: Session) =>
    session.reader.isStored
      ? new StoredOutbox({
          session,
          store,
          commits,
          send,
          qosOf({ topic, qos }) {
            const asked = routeOn(session, topic)?.qos
            return asked !== undefined && asked < qos ? asked : qos
          },
          identifiersOf({ topic, share }) {
            if (share === undefined) return routeOn(session, topic)?.identifiers
            const identifier = session.reader.asked.get(share)?.identifier
            return identifier === undefined ? undefined : [identifier]
          },
          onFault: cause => onFault('queue', cause),
        })
      : new CleanOutbox(session, send, maxBufferedBytes, sharing.handOn)

  return {
    ...createRouter({ routes, sharing, fanOuts, path, send, bus }),
    /** Finishes what an earlier process has begun. Rejects with a fault of the store. */
    resume: fanOuts.resume,
    /** Stops reading from a publishing session while more has begun, or waits to be kept, than should. */
    holdWhileBehind({ stream }: Session): void {
      if (fanOuts.isBehind) fanOuts.whenCaughtUp(stream.hold())
      if (commits.isBehind) commits.whenCaughtUp(stream.hold())
    },
    /** The connection has ended: what its session leaves of shared subscriptions comes to others. */
    ended({ outbox }: Session): void {
      if (outbox instanceof CleanOutbox) for (const message of outbox.takeLeft()) sharing.handOn(message)
    },
    /** Begins to send a session what waits for it. To be called when CONNACK is written. */
    startSending(session: Session): void {
      session.outbox = createOutbox(session)
      session.feed = new RetainedFeed({
        session,
        store,
        commits,
        turns,
        send,
        retainedNow,
        onFault: cause => onFault('store retained', cause),
      })
      session.stream.onTaken = () => session.sendOn()
      session.sendOn()
    },
  }
}
