import { RateLimiterMemory } from 'rate-limiter-flexible'
import { networkOf } from '../domain/network.ts'
import type { Refusal } from '../domain/refusal.ts'
import { spendPoints } from './spend-points.ts'

interface Limit {
  readonly points: number
  readonly durationSeconds: number
}

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
export function createEnrollmentLimits(options: EnrollmentLimitOptions): EnrollmentLimits {
  const addresses = limiter(options.address)
  const serials = limiter(options.serial)
  return {
    // The address first: who is over that limit can shut no serial out.
    spend: ({ address, deviceId }) =>
      spendPoints([addresses, networkOf(address)], [serials, serialAt(address, deviceId)]),
    async refund({ address, deviceId }) {
      await Promise.all([addresses.reward(networkOf(address)), serials.reward(serialAt(address, deviceId))])
    },
  }
}

/** A serial is counted for each address: nobody else can use up the attempts of the device itself. */
const serialAt = (address: string, deviceId: string) => `${networkOf(address)} ${deviceId}`

const limiter = ({ points, durationSeconds }: Limit): RateLimiterMemory =>
  new RateLimiterMemory({ points, duration: durationSeconds })
