import type { Principal } from './principal.ts'

/** Where something came from: enough for a log line, never a secret. */
export interface Origin {
  readonly clientId: string
  readonly address: string
  readonly principal: Principal
}

/** Only what an {@link Origin} is made of, of something that is more. */
export const originOf = ({ clientId, address, principal }: Origin): Origin => ({ clientId, address, principal })
