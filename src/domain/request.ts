import type { AccessOf, CodesOf, DataOf, OperationName, RequestOf } from '../protocol/operations.ts'
import type { Origin } from './origin.ts'
import type { Known, Principal, PrincipalKind, PrincipalOf } from './principal.ts'
import type { Refusal } from './refusal.ts'

/** The session a request came on. `principal` is narrowed to those that the operation's access lets through. */
export interface RequestContext<Kind extends PrincipalKind = PrincipalKind> extends Origin {
  readonly principal: PrincipalOf<Kind>
  /** Whether this session may be that account's by the client id that it has: another's it cannot become. */
  readonly mayHold: (account: Known) => Promise<boolean>
  /**
   * Makes the session act for another principal from now on: signing in, refreshing and logging out, on the same connection. Nothing has changed
   * when it says why not.
   */
  readonly become: (principal: Principal) => Became
}

/**
 * 'too-late': the connection is closed or taken over, or the request was answered already. 'too-many': the principal has as many sessions as it may.
 * 'not-its-id': the client id, or what is stored by it, is somebody else's.
 */
export type Became = 'done' | 'too-late' | 'too-many' | 'not-its-id'

/** Answers one operation: its data, or a refusal with a code that the operation declares. What it throws is answered 5000. */
export type Handler<N extends OperationName> = (
  request: RequestOf<N>,
  context: RequestContext<AccessOf<N>>,
) => Promise<DataOf<N> | Refusal<CodesOf<N>>>

/** One handler for every operation in `N`; a missing one does not compile. */
export type Handlers<N extends OperationName = OperationName> = { readonly [K in N]: Handler<K> }

/** What a clock is everywhere: milliseconds since 1970. */
export type Clock = () => number
