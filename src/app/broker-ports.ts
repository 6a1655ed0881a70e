import type { Broker } from '../broker/create-broker.ts'
import type { RetainedTopics } from '../domain/device-traffic.ts'
import type { LiveTopics } from '../domain/live-topics.ts'
import type { TappedMessages } from '../domain/message-tap.ts'
import type { OpenSessions, StoredSessionList } from '../domain/open-sessions.ts'

/** What features ask of the broker, which is made after them: `broker` is called when something is asked, and not before. */
export function createBrokerPorts(broker: () => Broker) {
  const retained: RetainedTopics = {
    publishRetained: (topic, payload) => broker().publishRetained(topic, payload),
    replaceRetained: (topic, payload) => broker().replaceRetained(topic, payload),
  }
  const openSessions: OpenSessions = {
    all: () => broker().sessions.all(),
    byClientId: clientId => broker().sessions.byClientId(clientId),
    end: (clientId, reason) => broker().sessions.end(clientId, reason),
    endWhere: (matches, reason) => broker().sessions.endWhere(matches, reason),
  }
  const storedSessions: StoredSessionList = {
    all: () => broker().storedSessions.all(),
    queued: clientId => broker().storedSessions.queued(clientId),
    forget: clientId => broker().storedSessions.forget(clientId),
  }
  const live: LiveTopics & TappedMessages = {
    isFollowed: topic => broker().isFollowed(topic),
    publishLive: (topic, payload, missed) => broker().publishLive(topic, payload, missed),
    tapMessages: tap => broker().tapMessages(tap),
  }
  return { retained, openSessions, storedSessions, live }
}
