import * as z from 'zod'
import { locales } from '../protocol/codes.ts'

/** Longest time a timer of Node's can wait, in milliseconds. */
const maxTimerMs = 2 ** 31 - 1

const whole = (min: number, max: number, description: string) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z.int({ error }).min(min, error).max(max, error).describe(description)
}
const text = (description: string) => z.string().min(1, 'must not be empty').describe(description)
const file = (description: string) => z.exactOptional(text(description))
/** Environment variables are text: digits become a number, everything else is refused by the check for a number. */
const port = (description: string) =>
  z.preprocess(
    value => (typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value),
    whole(0, 65_535, description),
  )
const notSupportedYet = (description: string) =>
  z.exactOptional(
    z.strictObject({
      url: z
        .string()
        .refine(() => false, 'not supported yet')
        .describe(`${description}; not supported yet`),
    }),
  )

const limit = (counted: string) =>
  z.strictObject({
    points: whole(1, 1_000_000, `${counted}, within the time; more are answered 4029`),
    durationSeconds: whole(1, 86_400, 'that time, from the first of them on'),
  })

/** A web address without user, query or fragment, and without a slash at its end. */
const baseSchema = z
  .string()
  .refine(isPlainWebAddress, 'must be an http or https address without user, query or fragment')
  .transform(base => base.replace(/\/+$/, ''))

function isPlainWebAddress(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(value)
}

/**
 * Every setting: its limits and its meaning. Defaults stand in config/default.json, names of environment variables in
 * config/custom-environment-variables.json; docs/configuration.md is generated from the three.
 */
export const configSchema = z.strictObject({
  dataDir: text('folder of the databases and keys; made at first start, for its owner only'),
  host: z
    .string()
    .regex(/^[\w.:%-]+$/, 'must be an address or a host name')
    .describe('address that all listeners bind to; `0.0.0.0` is every IPv4 address of the machine'),
  locale: z.enum(locales).describe('language of `msg` in replies'),
  mqtt: z.strictObject({ port: port('MQTT over TCP; 0 is any free port') }),
  http: z.strictObject({ port: port('HTTP, and MQTT over WebSocket at `/mqtt`; 0 is any free port') }),
  tls: z.strictObject({
    port: port('MQTT over TLS, when there is a certificate; 0 is any free port'),
    cert: file('file of the certificate chain (PEM); given together with `tls.key`'),
    key: file('file of the private key (PEM)'),
    ca: file(
      'file of the authority (PEM) whose certificates devices may sign in by: a CN that is the device id; others need none',
    ),
  }),
  wechat: z.strictObject({
    appid: z.exactOptional(
      text("the mini-program's AppID; required in production, elsewhere a stand-in takes its place"),
    ),
    secret: z.exactOptional(text("the mini-program's AppSecret; given together with `wechat.appid`")),
    base: baseSchema.describe("WeChat's server; in production https, or http on loopback"),
  }),
  log: z.strictObject({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .describe('least level that is logged'),
  }),
  database: notSupportedYet('PostgreSQL in place of SQLite'),
  nats: notSupportedYet('NATS between several nodes'),
  tokens: z.strictObject({
    algorithm: z.enum(['ES256', 'HS256']).describe('how tokens are signed; the only algorithm that is accepted'),
    issuer: text('the `iss` claim'),
    audience: text('the `aud` claim'),
    lifetimeSeconds: whole(60, Math.floor(maxTimerMs / 1000), 'how long a new token is good for'),
    aclClaim: z.boolean().describe("put an `acl` claim in EMQX's form into users' tokens"),
  }),
  passwords: z.strictObject({
    concurrency: whole(1, 64, 'argon2id computations at once'),
    maxQueued: whole(0, 100_000, 'sign-ins that may wait for one; more are answered 4029'),
  }),
  signIn: z.strictObject({
    password: limit('wrong passwords for one user name'),
    address: limit('failed attempts of any kind from one address'),
    registration: limit('attempts to register from one address'),
    wechat: limit('sign-ins of one WeChat user'),
  }),
  enrollment: z.strictObject({
    windowSeconds: whole(1, 86_400, 'how far the clock of a device that enrolls may be off, either way'),
    address: limit('failed attempts to enroll from one address'),
    serial: limit('failed attempts to enroll one serial from one address'),
  }),
  guest: z.strictObject({
    idleSeconds: whole(1, 3600, 'a guest without a request for so long is closed'),
    maxSeconds: whole(1, 86_400, 'a guest is closed after so long in any case'),
    perAddress: whole(1, 1_000_000, 'guests at once from one address'),
  }),
  limits: z.strictObject({
    maxPacketBytes: whole(1024, 268_435_455, 'largest MQTT packet'),
    maxConnectPacketBytes: whole(256, 1_048_576, 'largest first packet of a connection'),
    maxEventBytes: whole(1, 268_435_455, 'largest payload on `devices/{id}/event/{name}`'),
    maxBufferedBytes: whole(1024, 1_073_741_824, 'unsent bytes to one client before it counts as stuck'),
    messagesPerSecond: whole(1, 10_000_000, 'messages a second that one client may send; a faster one is read slower'),
    bytesPerSecond: whole(1024, 1_073_741_824, 'bytes a second that one client may send; a faster one is read slower'),
    connectTimeoutMs: whole(100, 600_000, 'time for a connection to send CONNECT'),
    drainTimeoutMs: whole(100, 600_000, 'time for a stuck client to take its bytes before it is closed'),
    filtersPerPacket: whole(1, 10_000, 'topic filters in one SUBSCRIBE'),
    filtersPerSession: whole(1, 1_000_000, 'topic filters of one session'),
    followedPerSession: whole(1, 1000, 'of them, wildcards over devices (`devices/+/…`) of a user'),
    refusedPublishesPerMinute: whole(1, 1_000_000, 'refused publishes in a minute that close the session'),
    requestTimeoutMs: whole(100, 600_000, 'time for a request to be answered'),
    wsOrigins: z
      .array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be an origin such as https://example.com'))
      .describe('`Origin` headers that WebSocket connections may carry; empty allows any'),
  }),
  devices: z.strictObject({
    typeFolders: z
      .array(text('a folder'))
      .describe('folders of further thing models, besides the ones that come along'),
  }),
  history: z.strictObject({
    enabled: z.boolean().describe('record the numeric and boolean values that devices report'),
    minIntervalSeconds: whole(1, 86_400, 'least time between two samples of one property; the newest value is kept'),
    retentionDays: whole(1, 36_500, 'older samples are deleted'),
    rowsPerDevice: whole(1, 1_000_000_000, 'samples kept of one device; the oldest are deleted'),
  }),
})

/** What `NODE_ENV` may say. */
export const environmentSchema = z.enum(['development', 'production', 'test'])
