import type { Aedes, Client } from 'aedes'

/**
 * How many clients are registered with Aedes now. Aedes' own count goes by client id: of several that come with one id at once it takes the end of one for
 * that of another.
 */
export function countRegistered(aedes: Aedes): () => number {
  const registered = new Set<Client>()
  aedes.on('client', client => {
    registered.add(client)
    client.conn.once('close', () => registered.delete(client))
  })
  aedes.on('clientDisconnect', client => registered.delete(client))
  return () => registered.size
}
