import * as z from 'zod/mini'
import { aclEntrySchema } from '../claims.ts'
import { clientIdSchema, deviceIdSchema, usernameSchema } from '../identifiers.ts'
import { operation } from '../operation.ts'

const topicSchema = z.optional(z.string().check(z.minLength(1), z.maxLength(1024)))

/** What else stands in the way, or does not show in the policy. */
export const explainNotes = [
  'account-disabled',
  'device-disabled',
  'no-such-device',
  'device-offline',
  'values-are-checked-by-the-device-type',
] as const

export const explainOperations = {
  'ops/explain': operation({
    access: ['operator'],
    summary:
      'whether one of `user`, `device`, `service` (with the `acl` of its token) or `session` (a client id that is connected now), or else a guest, ' +
      'may do one of `publish`, `subscribe`, `deliver`; and the rule that says so',
    request: z.object({
      user: z.optional(usernameSchema),
      device: z.optional(deviceIdSchema),
      service: z.optional(deviceIdSchema),
      acl: z.optional(z.array(aclEntrySchema).check(z.maxLength(256))),
      session: z.optional(clientIdSchema),
      clientId: z.optional(clientIdSchema),
      publish: topicSchema,
      subscribe: topicSchema,
      deliver: topicSchema,
      retain: z.optional(z.boolean()),
    }),
    data: z.strictObject({
      allowed: z.boolean(),
      /** The rule's id, as in docs/protocol.md and in the log. */
      rule: z.string(),
      because: z.string(),
      /** Whom it was asked about: `user:ID`, `device:ID`, … */
      as: z.string(),
      /** What a user has of the device that the topic names; null for a device that is not theirs. */
      role: z.exactOptional(z.nullable(z.string())),
      notes: z.array(z.enum(explainNotes)),
    }),
    codes: [2001, 3001],
  }),
} as const
