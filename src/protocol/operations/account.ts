import * as z from 'zod/mini'
import { operation } from '../operation.ts'

export const wechatLinksSchema = z.strictObject({
  /** `link` as `auth/unbind` takes it; `linkedAt` in milliseconds since 1970. */
  links: z.array(z.strictObject({ link: z.string(), linkedAt: z.number() })),
})

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
    summary: 'the WeChat users that sign in to this account, the oldest link first; `auth/unbind` removes one',
    request: z.object({}),
    data: wechatLinksSchema,
    codes: [],
  }),
} as const
