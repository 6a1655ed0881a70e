import * as z from 'zod/mini'
import { accountIdSchema, deviceIdSchema } from '../identifiers.ts'
import { nothingSchema, operation } from '../operation.ts'
import { deviceRoles, deviceViewSchema } from './device.ts'

/** How long an invitation may be open, in seconds: from a minute to a week, a day when the owner does not say. */
export const invitationTtl = { min: 60, max: 604_800, usual: 86_400 } as const

/** An invitation as `device/share` made it: base64url. Anything else that looks like one is simply unknown. */
const invitationSchema = z
  .string()
  .check(z.minLength(1), z.maxLength(64), z.regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, - and _'))

export const sharingOperations = {
  'device/share': operation({
    access: ['user'],
    summary:
      'make an invitation that works once; only for the owner. Role `owner` hands the device over. Open for `ttl` seconds, by default a day',
    request: z.object({
      deviceId: deviceIdSchema,
      role: z.enum(deviceRoles),
      ttl: z.optional(z.int().check(z.gte(invitationTtl.min), z.lte(invitationTtl.max))),
    }),
    data: z.strictObject({
      invitation: z.string(),
      /** As `device/invitations` calls it. */
      invitationId: z.string(),
      /** Milliseconds since 1970. */
      expiresAt: z.number(),
    }),
    codes: [2001, 4003],
    handsOutSecret: true,
  }),
  'device/invitation': operation({
    access: ['guest', 'user'],
    summary: 'show anybody with the invitation who invites to which device; this does not use the invitation up',
    request: z.object({ invitation: invitationSchema }),
    data: z.strictObject({
      deviceName: z.string(),
      type: z.string(),
      role: z.enum(deviceRoles),
      /** The owner's user name. */
      inviter: z.string(),
      /** Milliseconds since 1970. */
      expiresAt: z.number(),
    }),
    codes: [2006],
  }),
  'device/invitations': operation({
    access: ['user'],
    summary: 'list the open invitations to a device, in the order in which they end; only for the owner',
    request: z.object({ deviceId: deviceIdSchema }),
    data: z.array(
      z.strictObject({
        invitationId: z.string(),
        role: z.enum(deviceRoles),
        /** Milliseconds since 1970. */
        expiresAt: z.number(),
      }),
    ),
    codes: [2001, 4003],
  }),
  'device/withdraw': operation({
    access: ['user'],
    summary: 'cancel an open invitation by its `invitationId`; only for the owner',
    request: z.object({ deviceId: deviceIdSchema, invitationId: invitationSchema }),
    data: nothingSchema,
    codes: [2001, 3001, 4003],
  }),
  'device/role': operation({
    access: ['user'],
    summary: "change a member's role in place; only for the owner, and never their own",
    request: z.object({ deviceId: deviceIdSchema, userId: accountIdSchema, role: z.enum(['controller', 'viewer']) }),
    data: nothingSchema,
    codes: [2001, 4003],
  }),
  'device/accept': operation({
    access: ['user'],
    summary: 'accept an invitation; a member changes to its role; role `owner` replaces the owner',
    request: z.object({ invitation: invitationSchema }),
    data: deviceViewSchema,
    codes: [2006, 4003],
  }),
  'device/members': operation({
    access: ['user'],
    summary: 'list the members of a device, in the order in which they became members; only for the owner',
    request: z.object({ deviceId: deviceIdSchema }),
    data: z.array(
      z.strictObject({
        userId: z.string(),
        username: z.string(),
        role: z.enum(deviceRoles),
        /** Milliseconds since 1970. */
        since: z.number(),
      }),
    ),
    codes: [2001, 4003],
  }),
  'device/revoke': operation({
    access: ['user'],
    summary:
      'end a membership at once: the owner ends that of anybody else, with all open invitations; any other member ends their own',
    request: z.object({ deviceId: deviceIdSchema, userId: accountIdSchema }),
    data: nothingSchema,
    codes: [2001, 4003],
  }),
} as const
