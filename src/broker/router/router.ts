import type { Bus } from '../../domain/bus.ts'
import type { Message } from '../../domain/message.ts'
import type { Given, Queueing } from '../../domain/mqtt-state/write.ts'
import type { Qos } from '../../domain/qos.ts'
import type { Session, SessionReader } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import { Publication } from '../transport/packets/publication.ts'
import type { FanOuts, Owed } from './fan-outs.ts'
import { isReading } from './is-reading.ts'
import type { MessagePath } from './message-tap.ts'
import type { Routes } from './routes.ts'
import type { SendMessage } from './send-message.ts'
import { createSendNow } from './send-now.ts'
import { type createSharing, isQueued } from './sharing.ts'

/** Decides where a message goes, and sends it there. */
export interface Router {
  /** Sends a message at QoS 0 to every connection that reads its topic and may be sent it, on every node. */
  routeLive(message: Message): void
  /** Plans a message at QoS 1 or 2: what it leaves behind, and where it goes when that is kept. */
  plan(message: Message, qos: 1 | 2): Course
  /** Sends what was published on another node to the connections of this one. Stored sessions find theirs in the store. */
  deliver(message: Message): void
  /** Whether the session would be sent a message on this topic. */
  reaches(session: Session, topic: string): boolean
}

/** The plan for one message at QoS 1 or 2. One of `kept` and `undone` must be called. */
export interface Course {
  /** For the queues of stored sessions. */
  readonly queued: readonly Queueing[]
  /** True when somebody on this node subscribes to its topic. */
  readonly isRead: boolean
  /** The message is kept, with `given` for each of `queued`: sends it. Resolves when other nodes have taken it; undefined when none has to. */
  kept(given: readonly Given[]): Promise<void> | undefined
  undone(): void
}

/** The readers of a message: stored sessions, for which it is queued, and others, for which nothing is kept. */
interface Readers {
  readonly owed: readonly Owed[]
  /** Stored sessions that are sent the retain flag with which it was published. */
  readonly owedAsRetained: readonly Owed[]
  readonly others: readonly Other[]
}

interface Other {
  readonly reader: SessionReader
  readonly qos: Qos
  readonly isRetained: boolean
  readonly identifiers: readonly number[] | undefined
}

const asRetained: PublishFlags = { retain: true }
const asItIs: PublishFlags = {}
const flagsOf = (retain: boolean, identifiers: readonly number[] | undefined): PublishFlags =>
  identifiers ? { retain, identifiers } : retain ? asRetained : asItIs
const nobody: readonly Queueing[] = []
const nothing = () => {}

/**
 * One look-up, one remembered decision for each reader, and at QoS 0 the same encoded bytes for all of them. A reader that is behind misses messages at QoS
 * 0, as QoS 0 allows.
 */
export function createRouter(parts: {
  readonly routes: Routes
  readonly sharing: ReturnType<typeof createSharing>
  readonly fanOuts: FanOuts
  readonly path: Pick<MessagePath, 'delivering'>
  readonly send: SendMessage
  readonly bus: Pick<Bus, 'carry'>
}): Router {
  const { routes, sharing, fanOuts, path, send, bus } = parts
  const sendNow = createSendNow(send)

  function sendLive(message: Message): void {
    const { topic, payload, publisher, retain } = message
    const publication = new Publication(message)
    for (const { reader, noLocal, retainAsPublished, identifiers } of routes.of(topic)) {
      const { session } = reader
      if (!isReading(session, topic) || (noLocal && reader.clientId === publisher)) continue
      const { stream } = session
      if (stream.isFull) {
        stream.counts.missed++
        continue
      }
      if (stream.publish(publication, flagsOf(retain && retainAsPublished, identifiers)))
        path.delivering(session, topic, payload)
    }
  }

  function readersOf({ topic, publisher, retain }: Message, qos: Qos): Readers {
    const owed: Owed[] = []
    const owedAsRetained: Owed[] = []
    const others: Other[] = []
    for (const { reader, qos: asked, noLocal, retainAsPublished, identifiers } of routes.of(topic)) {
      if (noLocal && reader.clientId === publisher) continue
      const { clientId, isStored } = reader
      const sentQos = asked < qos ? asked : qos
      const isRetained = retain && retainAsPublished
      if (sentQos === 0 || !isStored) {
        others.push({ reader, qos: sentQos, isRetained, identifiers })
        continue
      }
      const recipients = isRetained ? owedAsRetained : owed
      recipients.push({ clientId, reader, qos: sentQos === 1 ? 1 : 2 })
    }
    return { owed, owedAsRetained, others }
  }

  function sendOthers(message: Message, others: readonly Other[]): void {
    for (const { reader, qos, isRetained, identifiers } of others)
      if (isReading(reader.session, message.topic))
        sendNow(reader.session, message, qos, flagsOf(isRetained, identifiers))
  }

  function plan(message: Message, qos: 1 | 2): Course {
    const { owed, owedAsRetained, others } = readersOf(message, qos)
    const takers = sharing.takersOf(message)
    const sendOn = () => {
      sendOthers(message, others)
      sharing.send(takers)
      return bus.carry(message)
    }
    const isRead = others.length + takers.length > 0
    if (owed.length + owedAsRetained.length === 0 && !takers.some(isQueued))
      return { queued: nobody, isRead, kept: sendOn, undone: nothing }
    const planned = [...sharing.plan(takers)]
    if (owed.length > 0) planned.push(fanOuts.plan(message.retain ? { ...message, retain: false } : message, owed))
    if (owedAsRetained.length > 0) planned.push(fanOuts.plan(message, owedAsRetained))
    return {
      queued: planned.map(({ queueing }) => queueing),
      isRead: true,
      kept(given) {
        for (const [at, one] of planned.entries()) one.kept(given[at] ?? { numbers: [] })
        return sendOn()
      },
      undone() {
        for (const one of planned) one.undone()
      },
    }
  }

  return {
    routeLive(message) {
      sendLive(message)
      sharing.send(sharing.takersOf(message))
      void bus.carry(message)
    },
    plan,
    deliver(message) {
      if (message.qos === 0) sendLive(message)
      else sendOthers(message, readersOf(message, message.qos).others)
    },
    reaches: (session, topic) =>
      isReading(session, topic) && routes.of(topic).some(({ reader }) => reader === session.reader),
  }
}
