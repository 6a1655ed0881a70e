import type { Origin } from '../../domain/origin.ts'
import { type Principal, principalName } from '../../domain/principal.ts'

/** How log lines name a principal; a guest has no `username`. */
export const principalFields = (principal: Principal) => ({
  principal: principalName(principal),
  ...('username' in principal && { username: principal.username }),
})

/** The client that a line is about. */
export const originFields = ({ clientId, address, principal }: Origin) => ({
  ...principalFields(principal),
  clientId,
  address,
})
