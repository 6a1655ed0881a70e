import * as z from 'zod/mini'
import { operation } from '../operation.ts'

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
    }),
    codes: [],
  }),
} as const
