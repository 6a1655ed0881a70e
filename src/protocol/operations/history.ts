import * as z from 'zod/mini'
import { deviceIdSchema } from '../identifiers.ts'
import { operation } from '../operation.ts'
import { affordanceNameSchema } from '../thing-model.ts'

const latestMs = 8_640_000_000_000_000
/** Milliseconds since 1970. */
const momentSchema = z.int().check(z.minimum(0), z.maximum(latestMs))

/** The samples of one bucket taken together; of a boolean property, 0 is false and 1 is true. */
export const historySampleSchema = z.strictObject({
  /** The bucket's start, in milliseconds since 1970. */
  at: z.number(),
  min: z.number(),
  max: z.number(),
  avg: z.number(),
  last: z.number(),
})

export const historyOperations = {
  'device/history': operation({
    access: ['user'],
    summary:
      'the values of a numeric or boolean property from `from` up to `to` (ms since 1970), in at most `points` (100 by default) buckets of equal ' +
      'length; buckets without a value are left out; `before` is the last value before `from`; values older than `history.retentionDays` are by the hour',
    request: z.object({
      deviceId: deviceIdSchema,
      property: affordanceNameSchema,
      from: momentSchema,
      to: momentSchema,
      points: z._default(z.int().check(z.minimum(1), z.maximum(500)), 100),
    }),
    data: z.strictObject({
      samples: z.array(historySampleSchema),
      before: z.exactOptional(z.number()),
    }),
    codes: [2001],
  }),
  'device/usage': operation({
    access: ['user'],
    summary:
      'how much a counter (`energy` in kWh) rose from each of `edges` (2 to 401 of them, ms since 1970, ascending) to the next: midnights in the ' +
      "asker's time zone give days; after a reset it counts from zero, and no amount is negative; " +
      'where samples are deleted, the whole hour (UTC) that contains an edge counts before that edge',
    request: z.object({
      deviceId: deviceIdSchema,
      property: affordanceNameSchema,
      edges: z.array(momentSchema).check(z.minLength(2), z.maxLength(401)),
    }),
    data: z.strictObject({
      /** One less than `edges`. */
      amounts: z.array(z.number()),
    }),
    codes: [2001],
  }),
  'account/history': operation({
    access: ['user'],
    summary:
      "what the account's devices recorded, by the day (UTC), which `account/export` leaves out: at most 500 days of properties a page; `next` goes into " +
      '`after` for the next page, and is missing in the last',
    request: z.object({ after: z.optional(z.string().check(z.maxLength(200))) }),
    data: z.strictObject({
      days: z.array(
        z.strictObject({
          deviceId: z.string(),
          property: z.string(),
          /** When the day begins, in milliseconds since 1970. */
          day: z.number(),
          min: z.number(),
          max: z.number(),
          avg: z.number(),
          /** By how much it rose, as in `device/usage`. */
          rise: z.number(),
        }),
      ),
      next: z.exactOptional(z.string()),
    }),
    codes: [],
  }),
} as const
