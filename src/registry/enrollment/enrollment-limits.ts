import type { Clock } from '../../domain/request.ts'
import { type AttemptLimit, createAttemptLimit } from '../../limits/attempt-limit.ts'
import { createCountedLimit, type Limit, networkCharges } from '../../limits/counted-limit.ts'

/** Limits for failed enrollments. */
export interface EnrollmentLimitOptions {
  readonly address: Limit
  readonly serial: Limit
}

/** Limits guessing of signatures, and the work that it causes. A successful enrollment does not count: a factory has many devices behind one address. */
export type EnrollmentLimits = AttemptLimit<{ readonly address: string; readonly deviceId: string }>

export function createEnrollmentLimits(options: EnrollmentLimitOptions, now: Clock = Date.now): EnrollmentLimits {
  const addresses = createCountedLimit(options.address, now)
  const serials = createCountedLimit(options.serial, now)
  return createAttemptLimit({
    // A serial is counted for each address, so that nobody else can use up the attempts of the device itself.
    charges: ({ address, deviceId }) => [
      ...networkCharges(addresses, address),
      ...networkCharges(serials, address, deviceId),
    ],
  })
}
