import type { Aedes, Client } from 'aedes'

/**
 * Registering a client closes whoever is registered by its id. Aedes does so too for one that closed while its CONNECT waited for the store, though
 * another has the id by then: so that one is left out.
 */
export function registerLiving(aedes: Aedes): void {
  const register: unknown = Reflect.get(aedes, 'registerClient') // Aedes 1.2.0 has it, its types do not
  if (typeof register !== 'function') throw new TypeError('this Aedes registers its clients elsewhere')
  Reflect.set(aedes, 'registerClient', (client: Client): void => {
    if (!client.closed) register.call(aedes, client)
  })
}
