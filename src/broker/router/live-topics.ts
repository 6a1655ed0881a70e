import type { LiveTopics } from '../../domain/live-topics.ts'
import type { Session } from '../sessions/session.ts'
import { Publication } from '../transport/packets/publication.ts'
import type { Routes } from './routes.ts'

/** The share of what may wait for a reader that lines of these topics may take, so that they leave room for everything else. */
const shareUntilBehind = 1 / 4
const shareUntilCaughtUp = 1 / 16

/** {@link LiveTopics} at QoS 0: nothing is queued, and nobody waits for a reader. */
export function createLiveTopics({
  routes,
  maxBufferedBytes,
}: {
  readonly routes: Pick<Routes, 'of'>
  readonly maxBufferedBytes: number
}): LiveTopics {
  /** How many lines a reader that is behind has missed. */
  const missedBy = new WeakMap<Session, number>()

  function isBehind(session: Session): boolean {
    const share = missedBy.has(session) ? shareUntilCaughtUp : shareUntilBehind
    return session.stream.waitingBytes > maxBufferedBytes * share
  }

  return {
    isFollowed: topic => routes.of(topic).some(({ reader }) => reader.session !== undefined),
    publishLive(topic, payload, missed) {
      let publication: Publication | undefined
      for (const { reader } of routes.of(topic)) {
        const { session } = reader
        if (!session?.deliveryDecision(topic).allowed) continue
        const count = missedBy.get(session) ?? 0
        if (isBehind(session)) {
          missedBy.set(session, count + 1)
          session.stream.counts.missed++
          continue
        }
        if (count > 0) session.stream.publish(new Publication({ topic, payload: missed(count) }))
        missedBy.delete(session)
        publication ??= new Publication({ topic, payload: payload() })
        session.stream.publish(publication)
      }
    },
  }
}
