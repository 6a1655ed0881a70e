import type { NotAdmitted } from '../../domain/connection-gate.ts'

/** The HTTP status of each refusal. */
export const refusalStatus: Readonly<Record<NotAdmitted, number>> = {
  'address-blocked': 403,
  'too-many-connections': 503,
  'too-many-from-address': 429,
  'too-often-from-address': 429,
  'too-many-requests': 429,
}
