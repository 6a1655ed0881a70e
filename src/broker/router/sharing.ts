import type { Message } from '../../domain/message.ts'
import type { Qos } from '../../domain/qos.ts'
import type { SessionReader, SessionSubscription } from '../sessions/session.ts'
import type { PublishFlags } from '../transport/packets/encode-publish.ts'
import type { Owed } from './fan-outs.ts'
import { isReading } from './is-reading.ts'
import type { Routes } from './routes.ts'
import type { SharedGroup } from './shared-group.ts'

/** The member of a shared subscription that gets a message. */
export interface Taker {
  readonly member: SessionSubscription
  /** As the member gets it. */
  readonly message: Message
  /** At which it gets it. */
  readonly qos: Qos
  readonly flags: PublishFlags
}

const nobody: readonly Taker[] = []

const lower = (one: Qos, other: Qos): Qos => (one < other ? one : other)

/** What is due to a taker from its queue; undefined when the message is not queued for it. */
export function owedTo({ member: { reader }, qos }: Taker): Owed | undefined {
  if (!reader.isStored || qos === 0) return undefined
  return { clientId: reader.clientId, reader, qos: qos === 1 ? 1 : 2 }
}

/** Chooses who gets a message of each shared subscription (MQTT 5 section 4.8.2). `mayQueue`: for a session that is away. */
export function createSharing(parts: {
  readonly routes: Pick<Routes, 'groupsOn'>
  readonly mayQueue: (reader: SessionReader, topic: string) => boolean
}) {
  const { routes, mayQueue } = parts

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
      message: { ...message, retain, share: group.filter },
      qos: lower(member.qos, qos),
      flags: { retain, ...(identifier !== undefined && { identifiers: [identifier] }) },
    }
  }

  return {
    takerIn,
    /** One for each shared subscription that has somebody for the message. */
    takersOf(message: Message): readonly Taker[] {
      const groups = routes.groupsOn(message.topic)
      if (groups.length === 0) return nobody
      return groups.flatMap(group => takerIn(group, message) ?? [])
    },
  }
}
