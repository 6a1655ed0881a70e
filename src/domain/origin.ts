import type { Principal } from './principal.ts'

/** Where something came from: enough for a log line, never a secret. */
export interface Origin {
  readonly clientId: string
  readonly address: string
  readonly principal: Principal
}

/** Picks the fields of an {@link Origin} from a larger object. */
export const originOf = ({ clientId, address, principal }: Origin): Origin => ({ clientId, address, principal })
