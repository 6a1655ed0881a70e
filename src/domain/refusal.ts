import type { RefusalCode } from '../protocol/codes.ts'

/** What a client is told about a refusal besides its code. */
interface Told {
  /** One more detail after the message of the table, such as the name of a field. Never a secret. */
  readonly detail?: string
  /** With 5000, in place of {@link detail}: the `ref` of the log lines about it. */
  readonly ref?: string
  /** With 4029: when to try again. */
  readonly retryAfterSeconds?: number
  /** With 1003; never told to the client: WeChat says that the code is invalid or was used. */
  readonly isGuess?: true
}

/** An answer other than success that a client may see. Always returned, never thrown; anything thrown is a fault and answered 5000. */
export class Refusal<C extends RefusalCode = RefusalCode> implements Told {
  readonly refused: C
  readonly detail?: string
  readonly ref?: string
  readonly retryAfterSeconds?: number
  readonly isGuess?: true
  /** A brand: the data of a reply may have the same keys, and is no refusal, neither here nor to the compiler. */
  readonly #isMade = true

  constructor(code: C, told: Told) {
    this.refused = code
    Object.assign(this, told)
  }

  static is(value: unknown): value is Refusal {
    return typeof value === 'object' && value !== null && #isMade in value
  }
}

export const refuse = <const C extends RefusalCode>(code: C, told: Told = {}): Refusal<C> => new Refusal(code, told)

export const isRefusal = <T, C extends RefusalCode>(value: T | Refusal<C>): value is Refusal<C> => Refusal.is(value)

/** Refuses until `waitMs` have passed; undefined when there is nothing to wait for. */
export const slowDown = (waitMs: number): Refusal<4029> | undefined =>
  waitMs > 0 ? refuse(4029, { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) }) : undefined
