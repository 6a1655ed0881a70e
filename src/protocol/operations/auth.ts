import * as z from 'zod/mini'
import {
  newUsernameSchema,
  passwordDigestSchema,
  usernameSchema,
  wechatCodeSchema,
  wechatLinkIdSchema,
} from '../identifiers.ts'
import { nothingSchema, operation } from '../operation.ts'

/** A compact JWS: the session's new token. */
const tokenSchema = z.string()

export const authOperations = {
  'auth/login': operation({
    access: ['guest', 'user'],
    summary: 'sign in by WeChat code',
    request: z.object({ code: wechatCodeSchema }),
    data: tokenSchema,
    codes: [1001, 1002, 1003, 1006, 1007, 1008, 1009],
    handsOutSecret: true,
    missing: 1002,
  }),
  'auth/bind': operation({
    access: ['guest', 'user'],
    summary: 'bind this WeChat user to an existing account and sign in',
    request: z.object({ username: usernameSchema, password: passwordDigestSchema, code: wechatCodeSchema }),
    data: tokenSchema,
    codes: [1, 1003, 1005, 1006, 1007, 1008, 1009],
    handsOutSecret: true,
    missing: 1,
  }),
  'auth/register': operation({
    access: ['guest', 'user'],
    summary: 'create an account bound to this WeChat user and sign in',
    request: z.object({ username: newUsernameSchema, password: passwordDigestSchema, code: wechatCodeSchema }),
    data: tokenSchema,
    codes: [1, 1003, 1004, 1005, 1006, 1008, 1009],
    handsOutSecret: true,
    missing: 1,
  }),
  'auth/signin': operation({
    access: ['guest'],
    summary: 'sign in by user name and password, without WeChat',
    request: z.object({ username: usernameSchema, password: passwordDigestSchema }),
    data: tokenSchema,
    codes: [1, 1007, 1008, 1009],
    handsOutSecret: true,
    missing: 1,
  }),
  'auth/refresh': operation({
    access: ['user', 'operator'],
    summary:
      'issue the next token of the family to this session; the old one ends when the new one is used, or after ten minutes',
    request: z.object({}),
    data: tokenSchema,
    codes: [1007, 1008, 1009],
    handsOutSecret: true,
  }),
  'auth/logout': operation({
    access: ['user', 'operator'],
    summary: 'end this token with its family (or every token of the account); the session becomes a guest again',
    request: z.object({ everywhere: z.optional(z.boolean()) }),
    data: nothingSchema,
    codes: [],
  }),
  'auth/unbind': operation({
    access: ['user'],
    summary: 'remove every WeChat link, or the `link` of `account/wechat`; every session of the account is signed out',
    request: z.object({ password: passwordDigestSchema, link: z.optional(wechatLinkIdSchema) }),
    data: nothingSchema,
    codes: [1, 3001],
    missing: 1,
  }),
  'auth/password': operation({
    access: ['user', 'operator'],
    summary:
      'change the password; every token and every other session of the account ends, and this session continues with `token`, of a new family',
    request: z.object({ current: passwordDigestSchema, next: passwordDigestSchema }),
    data: z.strictObject({ token: tokenSchema }),
    codes: [1],
    handsOutSecret: true,
    missing: 1,
  }),
} as const
