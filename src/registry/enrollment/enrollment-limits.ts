import { type Refusal, slowDown } from '../../domain/refusal.ts'
import type { Clock } from '../../domain/request.ts'
import { charge, createCountedLimit, type Limit, networkCharges, refund } from '../../limits/counted-limit.ts'

/** How many failed enrollments are answered, and in how long. */
export interface EnrollmentLimitOptions {
  readonly address: Limit
  readonly serial: Limit
}

/** What is counted of an attempt. */
interface Attempt {
  readonly address: string
  readonly deviceId: string
}

/** Keeps signatures from being guessed and the broker from being kept busy with them. */
export interface EnrollmentLimits {
  /** Counts an attempt before it is looked at, so that attempts at the same time are counted too. */
  spend(attempt: Attempt): Promise<Refusal<4029> | undefined>
  /** The device was enrolled: a factory has many behind one address. */
  refund(attempt: Attempt): Promise<void>
}

/** In memory; a count is gone when its time is over. */
export function createEnrollmentLimits(
  { address: ofAddress, serial }: EnrollmentLimitOptions,
  now: Clock = Date.now,
): EnrollmentLimits {
  const addresses = createCountedLimit(ofAddress, now)
  const serials = createCountedLimit(serial, now)
  // A serial is counted for each address: nobody else can use up the attempts of the device itself.
  const chargesOf = ({ address, deviceId }: Attempt) => [
    ...networkCharges(addresses, address),
    ...networkCharges(serials, address, deviceId),
  ]
  return {
    spend: async attempt => slowDown(charge(chargesOf(attempt))),
    refund: async attempt => refund(chargesOf(attempt)),
  }
}
