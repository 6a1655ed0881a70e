import type { EventEmitter } from 'node:events'
import type { Aedes } from 'aedes'
import type { createSessionEnds } from './session/session-ends.ts'
import type { createSubscriptions } from './session/subscriptions.ts'

interface Followers {
  readonly subscriptions: Pick<ReturnType<typeof createSubscriptions>, 'activated' | 'deactivated'>
  readonly ends: ReturnType<typeof createSessionEnds>
  onFault(where: string, cause: unknown): void
}

/** Tells subscriptions and sessions of what becomes of Aedes' clients. */
export function followAedes(aedes: Aedes, { subscriptions, ends, onFault }: Followers): void {
  aedes.on('subscribe', (granted, client) => {
    subscriptions.activated(client, granted)
    ends.answered(client)
  })
  aedes.on('unsubscribe', (filters, client) => {
    subscriptions.deactivated(client, filters)
    ends.answered(client)
  })
  aedes.on('connackSent', (_connack, client) => ends.admitted(client))
  aedes.on('clientReady', client => ends.caughtUp(client))
  aedes.on('client', client => ends.registered(aedes, client))
  aedes.on('clientError', (client, error) => ends.noteReason(client, error.message))
  aedes.on('connectionError', () => {}) // never admitted: the refusal, or the closing, is logged where it is decided
  const emitter: EventEmitter = aedes // Aedes' types leave its 'error' out
  emitter.on('error', cause => onFault('broker', cause))
}
