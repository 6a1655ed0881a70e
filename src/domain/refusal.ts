import type { RefusalCode } from '../protocol/codes.ts'

/** An answer a client may see that is not success. Always returned, never thrown; anything thrown is a fault and answered 5000. */
export interface Refusal<C extends RefusalCode = RefusalCode> {
  readonly refused: C
  /** A word for the client after the table's message: a field's name, a reference. Never a secret. */
  readonly detail?: string
  /** With 4029: when to try again. */
  readonly retryAfterSeconds?: number
}

export const refuse = <const C extends RefusalCode>(code: C, more: Omit<Refusal, 'refused'> = {}): Refusal<C> => ({
  refused: code,
  ...more,
})

export const isRefusal = <T, C extends RefusalCode>(value: T | Refusal<C>): value is Refusal<C> =>
  typeof value === 'object' && value !== null && 'refused' in value

/** Refuses until `waitMs` are over; undefined when there is nothing to wait for. */
export const slowDown = (waitMs: number): Refusal<4029> | undefined =>
  waitMs > 0 ? refuse(4029, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) }) : undefined
