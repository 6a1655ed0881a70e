import type { DataOf, RequestOf } from '../protocol/operations.ts'
import type { Refusal } from './refusal.ts'

export type Question = RequestOf<'ops/explain'>
export type Explanation = DataOf<'ops/explain'>

/** Says what the policy decides, and why. 4000 when the question does not name exactly one action, or names several who do it. Implemented by src/ops. */
export type Explain = (question: Question) => Promise<Explanation | Refusal<2001 | 3001 | 4000>>
