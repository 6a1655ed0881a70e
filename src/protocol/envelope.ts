import * as z from 'zod/mini'
import type { Code } from './codes.ts'

/** Largest request body, in bytes. */
export const maxRequestBytes = 16 * 1024

/** What every request may carry besides its own fields. */
export const requestIdSchema = z.optional(z.string().check(z.maxLength(64)))

/** A reply on `reply/{clientId}/{operation}`. `id` is the request's, when it had one. */
export interface Reply<Data = unknown> {
  readonly id?: string
  readonly code: Code
  /** Empty when `code` is 0; otherwise a sentence in the configured locale. */
  readonly msg: string
  /** The operation's data when `code` is 0; `{"retryAfter": seconds}` with 4029; else null. */
  readonly data: Data | { readonly retryAfter: number } | null
}
