import type { Aedes, Client } from 'aedes'

/** How many clients Aedes has taken in now. It counts by client id itself, and of several that come by one id at once takes the end of one for that of another. */
export function countRegistered(aedes: Aedes): () => number {
  const registered = new Set<Client>()
  aedes.on('client', client => {
    registered.add(client)
    client.conn.once('close', () => registered.delete(client))
  })
  aedes.on('clientDisconnect', client => registered.delete(client))
  return () => registered.size
}
