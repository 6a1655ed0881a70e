import * as z from 'zod/mini'
import { operation } from '../operation.ts'

const typeSchema = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, 'must be the name of a device type'))
const serialSchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,31}$/, 'must be 1 to 31 of A-Z a-z 0-9 _ -'))
const signatureSchema = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be a lower-case hex HMAC-SHA256 of 64 digits'))

/** What a device says of itself when it enrolls. `timestamp` is in seconds since 1970. */
export interface EnrollmentFacts {
  readonly type: string
  readonly serial: string
  readonly timestamp: number
}

/** What is signed, as UTF-8: HMAC-SHA256 with the product secret, as the ASCII text that was printed, for the key. */
export const enrollmentMessage = ({ type, serial, timestamp }: EnrollmentFacts): string =>
  `${type}\n${serial}\n${timestamp}`

/** The id that a device gets by enrolling: at most 64 characters. */
export const enrolledDeviceId = (type: string, serial: string): string => `${type}-${serial}`

export const enrollmentOperations = {
  'device/enroll': operation({
    access: ['guest'],
    summary:
      'give a device that has a product secret an id and a secret of its own, once; `timestamp` is in seconds since 1970',
    request: z.object({
      type: typeSchema,
      serial: serialSchema,
      timestamp: z.int().check(z.gte(0)),
      signature: signatureSchema,
    }),
    data: z.strictObject({
      deviceId: z.string(),
      secret: z.string(),
      /** Null while the device has an owner: it was enrolled before, and reset. */
      claimCode: z.nullable(z.string()),
    }),
    codes: [2007, 4003],
    handsOutSecret: true,
  }),
} as const
