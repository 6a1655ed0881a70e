import type { Aedes, Client } from 'aedes'

/**
 * What leans on code of Aedes that its documentation does not promise. Each was seen in the version below; {@link checkQuirks} ends the start
 * with a sentence when Aedes is not as it was.
 *
 * 1. Session-present is set when `persistence.subscriptionsByClient` gives anything at all, and what it gives is asked of `authorizeSubscribe`.
 * 2. 'subscribe' and 'unsubscribe' are emitted in the turn in which SUBACK and UNSUBACK were written.
 * 3. 'unsubscribe' is emitted too when a client with a clean session closes: then `client.closed` is set.
 * 4. A client that has closed while its CONNECT waited for the store is registered all the same, by `registerClient`, which closes whoever is
 *    registered by its id; and it is never unregistered, for its closing has passed.
 * 5. Of one read Aedes handles all packets at once. So each read is one packet, and the next comes when the one before is answered.
 * 6. `preConnect` may change the packet (its manual says so): keep alive becomes 0, the will goes, the client id may be another.
 */
const seenIn = '1.2.0'

/** Throws a sentence when this is not the Aedes that the quirks were seen in. */
export function checkQuirks(aedes: Aedes): void {
  const version: unknown = Reflect.get(aedes, 'version')
  if (version !== seenIn)
    throw new Error(
      `Aedes is ${String(version)}, and its quirks were seen in ${seenIn}: look at each in src/broker/engine/quirks.ts`,
    )
  for (const method of ['registerClient', 'unregisterClient'])
    if (typeof Reflect.get(aedes, method) !== 'function') throw new TypeError(`this Aedes has no ${method}`)
}

/** Quirk 4: registers only clients that are still open, and forgets those that closed before. `registering` is told of each before. */
export function registerLiving(aedes: Aedes, registering: (client: Client) => void): void {
  const register: (client: Client) => void = Reflect.get(aedes, 'registerClient')
  const unregister: (client: Client) => void = Reflect.get(aedes, 'unregisterClient')
  Reflect.set(aedes, 'registerClient', (client: Client): void => {
    if (client.closed) return
    registering(client)
    register.call(aedes, client)
  })
  aedes.on('client', client => {
    if (client.closed) setImmediate(() => void unregister.call(aedes, client))
  })
}

/** Quirk 1: this filter only says that there is a session; it is refused like any other below `$`. */
export const sessionPresent = [{ topic: '$latchkey/session', qos: 0 as const }]
