import type { Events } from '../domain/events.ts'

const announceEveryMs = 60_000

/** Counts messages dropped from the queues of sessions and announces them: the first at once, later ones once a minute. */
export function createDroppedMessages(events: Events): (clientId: string, messages: number) => void {
  const gathered = new Map<string, number>()

  function announce(clientId: string, count: number): void {
    events.emit('messages-dropped', { clientId, count })
    gathered.set(clientId, 0)
    setTimeout(() => {
      const since = gathered.get(clientId) ?? 0
      gathered.delete(clientId)
      if (since > 0) announce(clientId, since)
    }, announceEveryMs).unref()
  }

  return (clientId, messages) => {
    const since = gathered.get(clientId)
    if (since === undefined) announce(clientId, messages)
    else gathered.set(clientId, since + messages)
  }
}
