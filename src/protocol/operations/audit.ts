import * as z from 'zod/mini'
import { operation } from '../operation.ts'

/** What is on record in the audit trail. `sign-in-refused` also stands for refused connections. */
export const auditKinds = [
  'signed-in',
  'registered',
  'bound',
  'connected',
  'sign-in-refused',
  'refusals-left-out',
  'signed-out',
  'token-reused',
  'unbound',
  'password-changed',
  'account-exported',
  'account-deleted',
  'device-claimed',
  'device-offered',
  'device-released',
  'device-shared',
  'invitation-accepted',
  'invitation-withdrawn',
  'member-role-changed',
  'member-removed',
  'device-enrolled',
  'kick',
  'session/forget',
  'user/add',
  'user/disable',
  'user/enable',
  'user/signout',
  'user/role',
  'user/password',
  'user/unbind',
  'token/issue',
  'token/rotate',
  'token/revoke',
  'device/add',
  'device/reset',
  'device/qr',
  'device/disable',
  'device/enable',
  'product/enable',
  'product/disable',
  'product/rotate',
  'keys/rotate',
  'address/block',
  'address/unblock',
  'log-level',
  'trace',
] as const
export type AuditKind = (typeof auditKinds)[number]

const momentSchema = z.optional(z.int().check(z.gte(0), z.lte(8_640_000_000_000_000)))

const auditRowSchema = z.strictObject({
  id: z.number(),
  /** Milliseconds since 1970. */
  at: z.number(),
  kind: z.enum(auditKinds),
  /** Who did it: `user:ID`, `operator:ID`, `device:ID`, `service:NAME`, `guest`, or `cli:NAME` for a command on the machine. */
  by: z.string(),
  /** The user name that `by` has today. */
  byName: z.exactOptional(z.string()),
  clientId: z.exactOptional(z.string()),
  address: z.exactOptional(z.string()),
  /** Whom or what it was done to: `user:ID`, `device:ID`, `client:ID`, `token:ID`, `service:NAME`, `product:TYPE`, `address:NETWORK`, `key:KID`. */
  target: z.exactOptional(z.string()),
  targetName: z.exactOptional(z.string()),
  detail: z.exactOptional(z.string()),
})
/** An entry of the audit trail as it is shown and exported. */
export type AuditRow = z.infer<typeof auditRowSchema>

export const auditOperations = {
  'ops/audit': operation({
    access: ['operator'],
    summary:
      'who did what to whom, newest first, from `since` up to `until` (ms since 1970). `who` is a user name, or the id of an account, device, ' +
      'service, token or client; `before` is the `next` of the page before',
    request: z.object({
      since: momentSchema,
      until: momentSchema,
      who: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
      kind: z.optional(z.enum(auditKinds)),
      before: z.optional(z.int().check(z.gte(1))),
      limit: z._default(z.int().check(z.gte(1), z.lte(500)), 100),
    }),
    data: z.strictObject({ entries: z.array(auditRowSchema), next: z.nullable(z.number()) }),
    codes: [],
  }),
} as const
