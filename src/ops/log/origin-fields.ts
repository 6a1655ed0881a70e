import type { Origin } from '../../domain/origin.ts'
import { type Principal, principalName } from '../../domain/principal.ts'

/** Who it is, as lines of the log name them; a guest has no `username`. */
export const principalFields = (principal: Principal) => ({
  principal: principalName(principal),
  ...('username' in principal && { username: principal.username }),
})

/** Whom a line is about. */
export const originFields = ({ clientId, address, principal }: Origin) => ({
  ...principalFields(principal),
  clientId,
  address,
})
