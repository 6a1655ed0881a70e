import * as z from 'zod/mini'
import type { RefusalCode } from './codes.ts'

/** Who may call an operation: the first letters of docs/protocol.md's table. */
export type Access = 'guest' | 'user' | 'operator' | 'device'

/** Codes that any operation may answer with: the router gives them, handlers need not. */
export type CommonCode = 4000 | 4003 | 4004 | 4029 | 5000

/** An operation as it is declared: access, schemas of request and reply, and the codes it may answer with besides the common ones. */
export interface Operation<
  A extends Access = Access,
  Request extends z.ZodMiniType = z.ZodMiniType,
  Data extends z.ZodMiniType = z.ZodMiniType,
  C extends RefusalCode = RefusalCode,
> {
  readonly access: readonly A[]
  readonly summary: string
  readonly request: Request
  readonly data: Data
  readonly codes: readonly C[]
  /** The code of a missing field where it is not 4000 (one that older mini-programs rely on). */
  readonly missing?: C
  /** Its reply holds a token or a secret: it is not carried out when nobody would hear that. */
  readonly handsOutSecret?: true
}

/** Declares an operation; only gives the type parameters their names. */
export const operation = <
  const A extends Access,
  Request extends z.ZodMiniType,
  Data extends z.ZodMiniType,
  const C extends RefusalCode,
>(
  declared: Operation<A, Request, Data, C>,
): Operation<A, Request, Data, C> => declared

/** An empty reply: `{}`. */
export const nothingSchema = z.strictObject({})
