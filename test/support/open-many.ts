import { openTcp, type RawClient } from './raw-client.ts'
import type { RunningApp } from './start-app.ts'

/** Opens TCP connections from an address, of which the broker takes some and closes the others. */
export async function openMany({ app }: RunningApp, from: string, count: number, port = app.ports.mqtt) {
  const clients: RawClient[] = []
  const closed = new Set<RawClient>()
  for (let i = 0; i < count; i++) {
    const client = await openTcp(port, from)
    clients.push(client)
    void client.closed.then(() => closed.add(client))
  }
  return {
    each: (act: (client: RawClient) => void) => clients.forEach(act),
    close: () => {
      for (const client of clients) client.close()
    },
    /** How many the broker has not closed. */
    open: () => count - closed.size,
  }
}

/** The reasons of all connections that are refused from now on. */
export function refusalsOf({ app }: RunningApp): string[] {
  const reasons: string[] = []
  app.events.on('connection-refused', ({ reason }) => reasons.push(reason))
  return reasons
}
