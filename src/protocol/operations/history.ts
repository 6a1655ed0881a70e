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
      'what a numeric or boolean property was from `from` up to `to` (ms since 1970), in at most `points` (100 when not given) buckets of ' +
      'equal length; those without a value are left out, `before` is the last value before `from`',
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
} as const
