import type { AccessOf, CodesOf, DataOf, OperationName, RequestOf } from '../protocol/operations.ts'
import type { Origin } from './origin.ts'
import type { Known, Principal, PrincipalKind, PrincipalOf } from './principal.ts'
import type { Refusal } from './refusal.ts'

/** The session on which a request came. `principal` is narrowed to those that may call the operation. */
export interface RequestContext<Kind extends PrincipalKind = PrincipalKind> extends Origin {
  readonly principal: PrincipalOf<Kind>
  /** Whether this session may become that account's with the client id that it has: not when the id is somebody else's. */
  readonly mayHold: (account: Known) => Promise<boolean>
  /**
   * Makes the session act for another principal from now on: signing in, refreshing and logging out, on the same connection. When it returns why not,
   * nothing has changed.
   */
  readonly become: (principal: Principal) => Became
}

/**
 * 'too-late': the connection is closed or taken over, or the request was answered already. 'too-many': the principal has as many sessions as it may.
 * 'not-its-id': the client id, or what is stored under it, belongs to somebody else.
 */
export type Became = 'done' | 'too-late' | 'too-many' | 'not-its-id'

/** Answers one operation with its data, or with a refusal whose code the operation declares. What it throws is answered 5000. */
export type Handler<N extends OperationName> = (
  request: RequestOf<N>,
  context: RequestContext<AccessOf<N>>,
) => Promise<DataOf<N> | Refusal<CodesOf<N>>>

/** One handler for every operation in `N`; a missing one does not compile. */
export type Handlers<N extends OperationName = OperationName> = { readonly [K in N]: Handler<K> }

/** Every clock: milliseconds since 1970. */
export type Clock = () => number
