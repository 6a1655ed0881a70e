import type { Message } from '../../domain/message.ts'
import type { Qos } from '../../domain/qos.ts'
import type { GroupCommit } from '../commit/group-commit.ts'
import type { SessionReader, SessionSubscription } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import type { FanOuts, PlannedQueueing } from './fan-outs.ts'
import { isReading } from './is-reading.ts'
import type { Routes } from './routes.ts'
import type { SendNow } from './send-now.ts'
import type { SharedGroup } from './shared-group.ts'

/** The member of a shared subscription that gets a message. */
export interface Taker {
  readonly member: SessionSubscription
  readonly message: Message
  /** At which it gets it. */
  readonly qos: Qos
  readonly flags: PublishFlags
}

const nobody: readonly Taker[] = []

const lower = (one: Qos, other: Qos): Qos => (one < other ? one : other)

/** Whether the message is put into the taker's queue. */
export const isQueued = ({ member: { reader }, qos }: Taker): boolean => reader.isStored && qos > 0

const tryAgainMs = 1000

/** Brings a message of each shared subscription to one member (MQTT 5 section 4.8.2). `mayQueue`: for a session that is away. */
export function createSharing(parts: {
  readonly routes: Pick<Routes, 'groupsOn' | 'group'>
  readonly fanOuts: Pick<FanOuts, 'plan'>
  readonly commits: Pick<GroupCommit, 'write'>
  readonly sendNow: SendNow
  readonly onFault: (cause: unknown) => void
  readonly mayQueue: (reader: SessionReader, topic: string) => boolean
}) {
  const { routes, fanOuts, commits, sendNow, onFault, mayQueue } = parts

  function hasRoom({ reader: { session }, qos: asked }: SessionSubscription, qos: Qos): boolean {
    if (!session) return false
    if (lower(asked, qos) === 0) return !session.stream.isFull
    return session.outbox !== undefined && !session.outbox.isBehind && session.outbox.room > 0
  }

  /** Who is connected and has room comes first, then who is connected, then whose queue takes it. */
  function takerIn(group: SharedGroup, message: Message): Taker | undefined {
    const { topic, qos } = message
    const isHere = ({ reader }: SessionSubscription) => isReading(reader.session, topic)
    const member =
      group.take(one => isHere(one) && hasRoom(one, qos)) ??
      group.take(isHere) ??
      group.take(({ reader, qos: asked }) => lower(asked, qos) > 0 && reader.isStored && mayQueue(reader, topic))
    if (!member) return undefined
    const { retainAsPublished = false, identifier } = member
    const retain = message.retain && retainAsPublished
    return {
      member,
      message: { ...message, share: group.filter },
      qos: lower(member.qos, qos),
      flags: { retain, ...(identifier !== undefined && { identifiers: [identifier] }) },
    }
  }

  function plan({ member: { reader }, message, qos, flags }: Taker): PlannedQueueing {
    const owed = { clientId: reader.clientId, reader, qos: qos === 1 ? 1 : 2 } as const
    return fanOuts.plan({ ...message, retain: flags.retain === true }, [owed])
  }

  /** To a member for which nothing is kept. When it has left meanwhile, another one gets the message. */
  function send({ member, message, qos, flags }: Taker): void {
    const { session } = member.reader
    if (isReading(session, message.topic)) sendNow(session, message, qos, flags)
    else if (message.qos > 0) handOn(message)
  }

  function queue(taker: Taker): void {
    const planned = plan(taker)
    commits.write(
      { kind: 'message', queued: [planned.queueing] },
      ({ given }) => planned.kept(given[0] ?? { numbers: [] }),
      cause => {
        planned.undone()
        onFault(cause)
        setTimeout(() => handOn(taker.message), tryAgainMs).unref()
      },
    )
  }

  /** A member did not get this message: another one of its group does, if there is one. */
  function handOn(message: Message): void {
    const group = message.share === undefined ? undefined : routes.group(message.share)
    const taker = group && takerIn(group, message)
    if (!taker) return
    if (isQueued(taker)) queue(taker)
    else send(taker)
  }

  return {
    handOn,
    /** One for each shared subscription that has somebody for the message. */
    takersOf(message: Message): readonly Taker[] {
      const groups = routes.groupsOn(message.topic)
      if (groups.length === 0) return nobody
      return groups.flatMap(group => takerIn(group, message) ?? [])
    },
    /** What is put into queues. */
    plan: (takers: readonly Taker[]): readonly PlannedQueueing[] => takers.filter(isQueued).map(plan),
    /** Sends to those for which nothing is queued. */
    send(takers: readonly Taker[]): void {
      for (const taker of takers) if (!isQueued(taker)) send(taker)
    },
  }
}
