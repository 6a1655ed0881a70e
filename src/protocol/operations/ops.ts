import * as z from 'zod/mini'
import {
  clientIdSchema,
  deviceIdSchema,
  displayNameSchema,
  usernameSchema,
  wechatLinkIdSchema,
} from '../identifiers.ts'
import { logLevels } from '../log-topic.ts'
import { nothingSchema, operation } from '../operation.ts'
import { wechatLinksSchema } from './account.ts'

const principalKinds = ['guest', 'user', 'operator', 'device', 'service'] as const
/** What a list of sessions can be ordered by. */
export const sessionOrders = ['openedAt', 'clientId', 'kind', 'name', 'address'] as const

/** Which part of a long list is asked for: `search` is found anywhere in the texts of a row, whatever the case. */
const pageFields = {
  search: z.optional(z.string().check(z.maxLength(128))),
  offset: z._default(z.int().check(z.gte(0), z.lte(10_000_000)), 0),
  limit: z._default(z.int().check(z.gte(1), z.lte(200)), 50),
}
/** Rows that match `search`, of which `offset` and `limit` chose some. */
const total = z.number()

const sessionSchema = z.strictObject({
  clientId: z.string(),
  kind: z.enum(principalKinds),
  /** User name, device id or name of the service; empty for a guest. */
  name: z.string(),
  userId: z.exactOptional(z.string()),
  tokenId: z.exactOptional(z.string()),
  address: z.string(),
  transport: z.enum(['tcp', 'tls', 'ws']),
  /** Milliseconds since 1970. */
  openedAt: z.number(),
  /** How many topic filters it has subscribed. */
  filters: z.number(),
})
/** An open session as operators see it. */
export type SessionRow = z.infer<typeof sessionSchema>

const storedSessionSchema = z.strictObject({
  clientId: z.string(),
  kind: z.enum(principalKinds),
  /** As of an open session. */
  name: z.string(),
  userId: z.exactOptional(z.string()),
  connected: z.boolean(),
  /** Its owner's rights have ended: nothing more is queued until the owner comes back, and its client id is free for anybody. */
  suspended: z.boolean(),
  /** Milliseconds since 1970; null while it is connected. */
  awaySince: z.nullable(z.number()),
  filters: z.number(),
  /** Messages that wait for it, and their bytes. */
  queued: z.number(),
  queuedBytes: z.number(),
})
/** A stored session as operators see it. */
export type StoredSessionRow = z.infer<typeof storedSessionSchema>

const userSchema = z.strictObject({
  id: z.string(),
  username: z.string(),
  role: z.enum(['user', 'operator']),
  disabled: z.boolean(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
})

const deviceSchema = z.strictObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  disabled: z.boolean(),
  createdAt: z.number(),
  /** User name. */
  owner: z.nullable(z.string()),
  online: z.boolean(),
  /** Since when, in milliseconds since 1970; 0 when it was never seen. */
  since: z.number(),
})

const namedUser = z.object({ username: usernameSchema })
const namedDevice = z.object({ deviceId: deviceIdSchema })
const access = ['operator'] as const

/** What operators ask and do while the broker runs. Each thing done is on record in the audit trail. */
export const opsOperations = {
  'ops/sessions': operation({
    access,
    summary: 'list open sessions that contain `search`, in the order of `sort`',
    request: z.object({
      ...pageFields,
      kind: z.optional(z.enum(principalKinds)),
      sort: z._default(z.enum(sessionOrders), 'openedAt'),
      descending: z._default(z.boolean(), false),
    }),
    data: z.strictObject({ total, sessions: z.array(sessionSchema) }),
    codes: [],
  }),
  'ops/kick': operation({
    access,
    summary: 'close a session; its client may reconnect',
    request: z.object({ clientId: clientIdSchema }),
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/session/stored': operation({
    access,
    summary:
      'list sessions that are kept for clients that are not connected, and those of connected clients with clean session off, by client id; `suspended`: its ' +
      'owner has no rights any more, and its client id is free',
    request: z.object({ ...pageFields, kind: z.optional(z.enum(principalKinds)) }),
    data: z.strictObject({ total, sessions: z.array(storedSessionSchema) }),
    codes: [],
  }),
  'ops/session/forget': operation({
    access,
    summary:
      'delete a stored session with its queue, and close its connection; its client may reconnect, to an empty session',
    request: z.object({ clientId: clientIdSchema }),
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/log-level': operation({
    access,
    summary: 'answer the lowest level of log lines that are written; `level` sets it until the program ends',
    request: z.object({ level: z.optional(z.enum(logLevels)) }),
    data: z.strictObject({ level: z.string() }),
    codes: [],
  }),
  'ops/trace': operation({
    access,
    summary:
      'follow one client, user or device for some minutes on `topic`: connects, refusals, requests, messages in and out, without the values of secret keys',
    request: z.object({
      client: z.optional(clientIdSchema),
      user: z.optional(usernameSchema),
      device: z.optional(deviceIdSchema),
      minutes: z._default(z.int().check(z.gte(1), z.lte(60)), 5),
    }),
    data: z.strictObject({ id: z.string(), topic: z.string(), until: z.number() }),
    codes: [3001],
  }),
  'ops/users': operation({
    access,
    summary: 'list accounts by user name',
    request: z.object(pageFields),
    data: z.strictObject({ total, users: z.array(userSchema) }),
    codes: [],
  }),
  'ops/user/disable': operation({
    access,
    summary: 'sign an account out everywhere at once, and keep it out',
    request: namedUser,
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/user/enable': operation({
    access,
    summary: 'let an account sign in again',
    request: namedUser,
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/user/signout': operation({
    access,
    summary: 'end every token and session of an account; it may sign in again',
    request: namedUser,
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/user/wechat': operation({
    access,
    summary: 'list the WeChat users who can sign in to an account, the oldest link first',
    request: namedUser,
    data: wechatLinksSchema,
    codes: [3001],
  }),
  'ops/user/unbind': operation({
    access,
    summary: 'remove one WeChat `link` of an account, or all, and end every token and session of it',
    request: z.object({ username: usernameSchema, link: z.optional(wechatLinkIdSchema) }),
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/token/revoke': operation({
    access,
    summary: 'revoke one token by its `jti`, and close its sessions',
    request: z.object({ tokenId: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the jti of a token')) }),
    data: nothingSchema,
    codes: [3001],
  }),
  'ops/devices': operation({
    access,
    summary: 'list registered devices by id',
    request: z.object(pageFields),
    data: z.strictObject({ total, devices: z.array(deviceSchema) }),
    codes: [],
  }),
  'ops/device/add': operation({
    access,
    summary:
      'register a device; its secret and its claim code are shown only once. Without `deviceId` one is generated',
    request: z.object({
      type: z.string().check(z.minLength(1), z.maxLength(64)),
      deviceId: z.optional(deviceIdSchema),
      name: z.optional(displayNameSchema),
    }),
    data: z.strictObject({
      id: z.string(),
      type: z.string(),
      secret: z.string(),
      claimCode: z.string(),
      /** What a QR code for its first owner is to hold. */
      link: z.string(),
    }),
    codes: [3002],
    handsOutSecret: true,
  }),
  'ops/device/reset': operation({
    access,
    summary:
      'give a device a new secret, and a new claim code if nobody owns it; its session ends, and it may enroll again',
    request: namedDevice,
    data: z.strictObject({
      id: z.string(),
      secret: z.string(),
      /** Both null while the device has an owner. */
      claimCode: z.nullable(z.string()),
      link: z.nullable(z.string()),
    }),
    codes: [2001],
    handsOutSecret: true,
  }),
  'ops/device/disable': operation({
    access,
    summary: 'disconnect a device at once and keep it out',
    request: namedDevice,
    data: nothingSchema,
    codes: [2001],
  }),
  'ops/device/enable': operation({
    access,
    summary: 'let a device connect again',
    request: namedDevice,
    data: nothingSchema,
    codes: [2001],
  }),
} as const
