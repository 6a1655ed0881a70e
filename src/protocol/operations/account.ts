import * as z from 'zod/mini'
import { passwordDigestSchema } from '../identifiers.ts'
import { nothingSchema, operation } from '../operation.ts'
import { deviceRoles } from './device.ts'

export const wechatLinksSchema = z.strictObject({
  /** `link` as `auth/unbind` takes it; `linkedAt` in milliseconds since 1970. */
  links: z.array(z.strictObject({ link: z.string(), linkedAt: z.number() })),
})

const roleSchema = z.enum(deviceRoles)

export const accountOperations = {
  'account/me': operation({
    access: ['user', 'operator'],
    summary: 'who this session is',
    request: z.object({}),
    data: z.strictObject({
      userId: z.string(),
      username: z.string(),
      role: z.enum(['user', 'operator']),
      /** Seconds since 1970, the token's `exp`. */
      tokenExpiresAt: z.number(),
      /** The broker's clock, in milliseconds since 1970: a phone's may be wrong. */
      now: z.number(),
    }),
    codes: [],
  }),
  'account/wechat': operation({
    access: ['user'],
    summary: 'list the WeChat users who can sign in to this account, the oldest link first; `auth/unbind` removes one',
    request: z.object({}),
    data: wechatLinksSchema,
    codes: [],
  }),
  'account/sessions': operation({
    access: ['user'],
    summary: 'list where the account is signed in, the newest first, at most a hundred; `account/signout` ends one',
    request: z.object({}),
    data: z.strictObject({
      sessions: z.array(
        z.strictObject({
          signIn: z.string(),
          /** Milliseconds since 1970. */
          since: z.number(),
          /** When it ends if it is not refreshed, in milliseconds since 1970. */
          expiresAt: z.number(),
          /** It has a connection now. */
          online: z.boolean(),
          /** It is the one that asks. */
          current: z.boolean(),
        }),
      ),
    }),
    codes: [],
  }),
  'account/signout': operation({
    access: ['user'],
    summary:
      'log out elsewhere: end the `signIn` of `account/sessions` with its tokens and connections. To end this one, use `auth/logout`',
    request: z.object({ signIn: z.string().check(z.minLength(1), z.maxLength(64)) }),
    data: nothingSchema,
    codes: [3001],
  }),
  'account/export': operation({
    access: ['user'],
    summary: 'export what is kept about this account; the history of its devices is in `account/history`',
    request: z.object({}),
    data: z.strictObject({
      /** This and all times: milliseconds since 1970. */
      exportedAt: z.number(),
      account: z.strictObject({ userId: z.string(), username: z.string(), createdAt: z.number() }),
      wechat: z.array(z.strictObject({ linkedAt: z.number() })),
      devices: z.array(
        z.strictObject({
          id: z.string(),
          type: z.string(),
          name: z.string(),
          role: roleSchema,
          online: z.boolean(),
          since: z.number(),
          state: z.record(z.string(), z.unknown()),
          /** Of devices that it owns. */
          members: z.array(z.strictObject({ username: z.string(), role: roleSchema, since: z.number() })),
        }),
      ),
    }),
    codes: [],
  }),
  'account/delete': operation({
    access: ['user'],
    summary:
      'delete the account with all its data except the audit trail; an owner of devices gives `devices: "release"`, or hands them over first',
    request: z.object({ password: passwordDigestSchema, devices: z.optional(z.enum(['release'])) }),
    data: nothingSchema,
    codes: [1],
    missing: 1,
  }),
} as const
