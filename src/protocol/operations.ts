import type * as z from 'zod/mini'
import type { RefusalCode } from './codes.ts'
import { hasOwn } from './json.ts'
import type { Access, CommonCode, Operation } from './operation.ts'
import { accountOperations } from './operations/account.ts'
import { addressOperations } from './operations/addresses.ts'
import { auditOperations } from './operations/audit.ts'
import { authOperations } from './operations/auth.ts'
import { deviceOperations } from './operations/device.ts'
import { enrollmentOperations } from './operations/enrollment.ts'
import { explainOperations } from './operations/explain.ts'
import { historyOperations } from './operations/history.ts'
import { metricsOperations } from './operations/metrics.ts'
import { opsOperations } from './operations/ops.ts'
import { sharingOperations } from './operations/sharing.ts'

/** Every operation, by name. docs/protocol.md is generated from this table. */
export const operations = {
  ...authOperations,
  ...accountOperations,
  ...deviceOperations,
  ...sharingOperations,
  ...enrollmentOperations,
  ...historyOperations,
  ...opsOperations,
  ...auditOperations,
  ...explainOperations,
  ...metricsOperations,
  ...addressOperations,
} as const

export type OperationName = keyof typeof operations
export const operationNames = Object.keys(operations).filter(isOperationName)
/** The request of an operation, parsed. */
export type RequestOf<N extends OperationName> = z.infer<(typeof operations)[N]['request']>
/** The request of an operation as it is sent: what has a default may be left out. */
export type RequestBodyOf<N extends OperationName> = z.input<(typeof operations)[N]['request']>
/** The `data` of an operation's reply with code 0. */
export type DataOf<N extends OperationName> = z.infer<(typeof operations)[N]['data']>
/** The codes, besides 0, that an operation's handler may answer with. */
export type CodesOf<N extends OperationName> = Extract<
  (typeof operations)[N]['codes'][number] | CommonCode,
  RefusalCode
>
/** The principals that may call an operation. */
export type AccessOf<N extends OperationName> = (typeof operations)[N]['access'][number]

/** The declaration of `name`, or undefined when there is no such operation. */
export const operationNamed = (name: string): Operation<Access> | undefined =>
  isOperationName(name) ? operations[name] : undefined

export function isOperationName(name: string): name is OperationName {
  return hasOwn(operations, name)
}
