import type { RequestFailure } from '../../../src/protocol/requests.ts'

/** Why the broker has not done what it was asked. The words for people are in texts/. */
export interface Failure extends Omit<RequestFailure, 'code'> {
  readonly code: RequestFailure['code'] | 'no-login-code'
}

/** An answer, or why there is none. */
export type Result<Data> = { readonly ok: true; readonly data: Data } | ({ readonly ok: false } & Failure)
