import * as z from 'zod'
import { parseNetwork } from '../network/network.ts'
import { locales } from '../protocol/codes.ts'
import { limitsSchema } from './limits-schema.ts'
import { publicUrlSchema } from './public-url.ts'
import { file, limit, maxTimerMs, notSupportedYet, port, text, whole } from './schema-parts.ts'

/** A web address without user, query or fragment; slashes at its end are dropped. */
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
 * Every setting: its bounds and its meaning. Defaults are in config/default.json, names of environment variables in
 * config/custom-environment-variables.json; docs/configuration.md is generated from the three.
 */
export const configSchema = z.strictObject({
  dataDir: text('folder of the databases and keys; created at first start, readable by its owner only'),
  synchronous: z
    .enum(['NORMAL', 'FULL'])
    .describe('what an acknowledged message survives: `NORMAL` a crash of the process, `FULL` a power failure too'),
  host: z
    .string()
    .regex(/^[\w.:%-]+$/, 'must be an address or a host name')
    .describe('address that all listeners bind to; `0.0.0.0` means every IPv4 address of the machine'),
  trustedProxies: z
    .preprocess(
      value =>
        typeof value === 'string'
          ? value
              .split(',')
              .map(one => one.trim())
              .filter(Boolean)
          : value,
      z.array(
        z
          .string()
          .refine(one => parseNetwork(one) !== undefined, 'must be an IP address, or a network such as 10.0.0.0/8'),
      ),
    )
    .describe(
      'addresses and networks of the proxies in front of the broker. The client address is what they say in X-Forwarded-For or in a PROXY header (version 1 or 2). Separate several with commas in the variable',
    ),
  publicUrl: z.exactOptional(
    publicUrlSchema.describe(
      'public address of the HTTP port, as clients see it: `https://iot.example.com`, `https://example.com/iot/`. QR codes and links contain it',
    ),
  ),
  locale: z.enum(locales).describe('language of `msg` in replies'),
  mqtt: z.strictObject({
    port: port('port of MQTT over TCP; 0 means any free port'),
    sysIntervalSeconds: whole(1, 86_400, 'how often `$SYS/broker/…` is published to its subscribers'),
  }),
  http: z.strictObject({
    port: port('port of HTTP, and of MQTT over WebSocket at `/mqtt`; 0 means any free port'),
    monitoring: z
      .enum(['loopback', 'public'])
      .describe(
        'who may see `/healthz`, `/readyz` and `/metrics`: `loopback` allows this machine (not through a proxy) and operators with their token, `public` allows anybody',
      ),
  }),
  https: z.strictObject({
    port: port('port of `https` and `wss`, used when `tls` has a certificate; 0 means any free port'),
  }),
  tls: z.strictObject({
    port: port('port of MQTT over TLS, used when there is a certificate; 0 means any free port'),
    cert: file('file of the certificate chain (PEM); requires `tls.key`'),
    key: file('file of the private key (PEM)'),
    ca: file(
      'file of the certificate authority (PEM) for client certificates. A device may sign in by a certificate whose CN is its device id; clients without one sign in as usual',
    ),
  }),
  wechat: z.strictObject({
    appid: z.exactOptional(
      text(
        "the mini-program's AppID; required in production. Elsewhere a stand-in for WeChat is used when it is not set",
      ),
    ),
    secret: z.exactOptional(text("the mini-program's AppSecret; requires `wechat.appid`")),
    standIn: z
      .enum(['loopback', 'anybody'])
      .describe(
        'who may sign in through the stand-in for WeChat, which believes any name: `loopback` allows this machine only; `anybody` is for a network that only you can reach',
      ),
    verificationFolder: file(
      'folder of the files by which WeChat verifies a domain (`MP_verify_….txt`, `….txt`), served at `/`. Read at start and on SIGHUP; plain names, at most 4 KiB each, no symbolic links',
    ),
    base: baseSchema.describe("address of WeChat's server; in production https, or http on loopback"),
  }),
  log: z.strictObject({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .describe('lowest level that is logged'),
    file: z.strictObject({
      path: file('also write the log to files: `logs/latchkey.log` becomes `logs/latchkey.1.log` and so on'),
      maxBytes: whole(1024, 1_099_511_627_776, 'size at which the next file begins'),
      frequency: z
        .enum(['never', 'hourly', 'daily'])
        .describe('begin a file every hour or day, with the hour or day in its name'),
      count: whole(1, 10_000, 'files kept; the oldest are deleted'),
    }),
  }),
  disk: z.strictObject({
    minFreeBytes: whole(
      0,
      Number.MAX_SAFE_INTEGER,
      '`/readyz` fails when the data folder has less free space than this',
    ),
  }),
  database: notSupportedYet('PostgreSQL instead of SQLite'),
  nats: notSupportedYet('NATS between nodes'),
  tokens: z.strictObject({
    algorithm: z.enum(['ES256', 'HS256']).describe('algorithm that tokens are signed with; no other is accepted'),
    issuer: text('the `iss` claim'),
    audience: text('the `aud` claim'),
    lifetimeSeconds: whole(60, Math.floor(maxTimerMs / 1000), 'lifetime of a new token'),
    familyMaxDays: whole(
      1,
      3650,
      'days after signing in during which a token can be refreshed; then the person signs in again',
    ),
    aclClaim: z.boolean().describe("add an `acl` claim in EMQX's format to users' tokens"),
  }),
  passwords: z.strictObject({
    concurrency: whole(1, 64, 'argon2id computations that run at once'),
    maxQueued: whole(0, 100_000, 'sign-ins that may wait for one; beyond it the answer is 4029'),
  }),
  signIn: z.strictObject({
    password: limit(
      'wrong passwords for one user name from one address',
      'beyond it the answer is 4029. When all addresses together reach it, each further attempt at the name is delayed by up to 3 s',
    ),
    address: limit('failed attempts of any kind from one address'),
    registration: limit('attempts to register from one address'),
    wechat: limit('sign-ins of one WeChat user'),
  }),
  enrollment: z.strictObject({
    windowSeconds: whole(1, 86_400, 'how far off the clock of an enrolling device may be, either way'),
    address: limit('failed attempts to enroll from one address'),
    serial: limit('failed attempts to enroll one serial from one address'),
  }),
  guest: z.strictObject({
    idleSeconds: whole(1, 3600, 'a guest that sends no request for this long is disconnected'),
    maxSeconds: whole(1, 86_400, 'a guest is disconnected after this long in any case'),
    perAddress: whole(1, 1_000_000, 'guests connected at once from one address (IPv6: from one /64)'),
    connections: whole(1, 1_000_000, 'guests connected at once; keeps room for everybody else'),
  }),
  claim: z.strictObject({
    user: limit('wrong claims by one user'),
    device: limit('wrong claims of one device by all users', 'each further attempt is delayed by up to 3 s'),
  }),
  invitation: z.strictObject({
    user: limit('invalid invitations that one user tries'),
  }),
  limits: limitsSchema,
  devices: z.strictObject({
    typeFolders: z.array(text('a folder')).describe('folders of further thing models, besides the built-in ones'),
  }),
  audit: z.strictObject({
    retentionDays: whole(1, 36_500, 'days that entries of the audit trail are kept'),
    maxEntries: whole(
      1000,
      1_000_000_000,
      'entries kept of everybody but operators and commands; beyond it the oldest of these are deleted',
    ),
  }),
  history: z.strictObject({
    enabled: z.boolean().describe('record the numeric and boolean values that devices report'),
    minIntervalSeconds: whole(
      1,
      86_400,
      'shortest time between two samples of one property; of the values between, the newest is kept',
    ),
    retentionDays: whole(1, 36_500, 'days that samples are kept'),
    aggregateDays: whole(1, 36_500, 'days that hourly and daily figures are kept; never shorter than their samples'),
    rowsPerDevice: whole(1, 1_000_000_000, 'samples kept of one device; beyond it the oldest are deleted'),
  }),
})

/** The values of `NODE_ENV`. */
export const environmentSchema = z.enum(['development', 'production', 'test'])
