import { isIP } from 'node:net'
import * as z from 'zod'
import { parseNetwork } from '../network/network.ts'
import { locales } from '../protocol/codes.ts'
import { operationNames } from '../protocol/operations.ts'
import { publicUrlSchema } from './public-url.ts'

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

const limit = (counted: string, more = 'more are answered 4029') =>
  z.strictObject({
    points: whole(1, 1_000_000, `${counted}, within the time; ${more}`),
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
  synchronous: z
    .enum(['NORMAL', 'FULL'])
    .describe('what an acknowledged message survives: `NORMAL` the death of the process, `FULL` a power failure too'),
  host: z
    .string()
    .regex(/^[\w.:%-]+$/, 'must be an address or a host name')
    .describe('address that all listeners bind to; `0.0.0.0` is every IPv4 address of the machine'),
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
      'addresses and networks of proxies in front: what they say in X-Forwarded-For or a PROXY header (version 1 or 2) is whose connection it is; the variable holds them with commas between',
    ),
  publicUrl: z.exactOptional(
    publicUrlSchema.describe(
      'where the world finds the HTTP port, through a proxy or not: `https://iot.example.com`, `https://example.com/iot/`. QR codes and links hold it',
    ),
  ),
  locale: z.enum(locales).describe('language of `msg` in replies'),
  mqtt: z.strictObject({
    port: port('MQTT over TCP; 0 is any free port'),
    sysIntervalSeconds: whole(1, 86_400, 'how often `$SYS/broker/…` is told to who subscribes it'),
  }),
  http: z.strictObject({
    port: port('HTTP, and MQTT over WebSocket at `/mqtt`; 0 is any free port'),
    monitoring: z
      .enum(['loopback', 'public'])
      .describe(
        'who may see `/healthz`, `/readyz` and `/metrics`: `loopback` this machine (not through a proxy) and operators with their token, `public` anybody',
      ),
  }),
  https: z.strictObject({
    port: port('the same over TLS (`https`, `wss`), when there is a certificate in `tls`; 0 is any free port'),
  }),
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
    standIn: z
      .enum(['loopback', 'anybody'])
      .describe(
        'whom the stand-in for WeChat signs in, as whoever they say they are: `loopback` nobody but this machine; `anybody` only for a network that is yours alone',
      ),
    verificationFolder: file(
      'folder of the files that WeChat asks a domain for (`MP_verify_….txt`, `….txt`), served at `/`; read at the start and at SIGHUP, plain names, 4 KiB each, no symbolic links',
    ),
    base: baseSchema.describe("WeChat's server; in production https, or http on loopback"),
  }),
  log: z.strictObject({
    level: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .describe('least level that is logged'),
    file: z.strictObject({
      path: file('write the log into files too: `logs/latchkey.log` becomes `logs/latchkey.1.log` and so on'),
      maxBytes: whole(1024, 1_099_511_627_776, 'a file that is larger is followed by another'),
      frequency: z
        .enum(['never', 'hourly', 'daily'])
        .describe('begin another file then in any case, with the day or hour in its name'),
      count: whole(1, 10_000, 'files kept; the oldest are deleted'),
    }),
  }),
  disk: z.strictObject({
    minFreeBytes: whole(0, Number.MAX_SAFE_INTEGER, 'free space for the data folder below which `/readyz` is red'),
  }),
  database: notSupportedYet('PostgreSQL in place of SQLite'),
  nats: notSupportedYet('NATS between several nodes'),
  tokens: z.strictObject({
    algorithm: z.enum(['ES256', 'HS256']).describe('how tokens are signed; the only algorithm that is accepted'),
    issuer: text('the `iss` claim'),
    audience: text('the `aud` claim'),
    lifetimeSeconds: whole(60, Math.floor(maxTimerMs / 1000), 'how long a new token is good for'),
    familyMaxDays: whole(
      1,
      3650,
      'how long after signing in its token can be refreshed; then the person signs in again',
    ),
    aclClaim: z.boolean().describe("put an `acl` claim in EMQX's form into users' tokens"),
  }),
  passwords: z.strictObject({
    concurrency: whole(1, 64, 'argon2id computations at once'),
    maxQueued: whole(0, 100_000, 'sign-ins that may wait for one; more are answered 4029'),
  }),
  signIn: z.strictObject({
    password: limit(
      'wrong passwords for one user name from one address',
      'more are answered 4029, and as many from all addresses make each further attempt at the name wait, 3 s at most',
    ),
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
    perAddress: whole(1, 1_000_000, 'guests at once from one address; of IPv6, one /64'),
    connections: whole(1, 1_000_000, 'guests at once, so that strangers leave room for everybody else'),
  }),
  claim: z.strictObject({
    user: limit('wrong claims of one user'),
    device: limit('wrong claims of one device, of anybody', 'each further attempt waits, 3 s at most'),
  }),
  invitation: z.strictObject({
    user: limit('invitations that one user tried and that are none'),
  }),
  limits: z.strictObject({
    maxPacketBytes: whole(1024, 268_435_455, 'largest MQTT packet'),
    maxConnectPacketBytes: whole(256, 1_048_576, 'largest first packet of a connection'),
    maxEventBytes: whole(1, 268_435_455, 'largest payload on `devices/{id}/event/{name}`'),
    maxBufferedBytes: whole(1024, 1_073_741_824, 'unsent bytes to one client before it counts as stuck'),
    messagesPerSecond: whole(1, 10_000_000, 'messages a second that one client may send; a faster one is read slower'),
    bytesPerSecond: whole(1024, 1_073_741_824, 'bytes a second that one client may send; a faster one is read slower'),
    maxSlowedSeconds: whole(
      1,
      86_400,
      'a client that is faster than it may be for so long, and never below half of it, is closed',
    ),
    connectTimeoutMs: whole(100, 600_000, 'time for a connection to send CONNECT'),
    drainTimeoutMs: whole(100, 600_000, 'time for a stuck client to take any of its bytes before it is closed'),
    pingSeconds: whole(
      1,
      3600,
      'a WebSocket that is sent nothing for so long is pinged, so that a proxy keeps it, and closed when it says nothing for as long again; TCP keep-alive begins after it',
    ),
    filtersPerPacket: whole(1, 10_000, 'topic filters in one SUBSCRIBE; those beyond it are refused'),
    filtersPerSession: whole(
      1,
      1_000_000,
      'topic filters of one session; an UNSUBSCRIBE with more of them than its session may have ends it',
    ),
    filtersPerPacketOfOthers: whole(1, 10_000, 'the first of these two for whoever is no integration, if that is less'),
    filtersPerSessionOfOthers: whole(1, 1_000_000, 'the second of them for whoever is no integration, if that is less'),
    followedPerSession: whole(1, 1000, 'of them, wildcards over devices (`devices/+/…`) of a user'),
    refusedPublishesPerMinute: whole(1, 1_000_000, 'refused publishes in a minute that close the session'),
    refusedSubscribesPerMinute: whole(
      1,
      1_000_000,
      'SUBSCRIBEs in a minute of which nothing is granted that close the session',
    ),
    qos2Window: whole(1, 65_535, 'messages at QoS 2 that one client may have begun and not released'),
    queuedMessagesPerSession: whole(
      1,
      10_000_000,
      'messages kept for a session that is away or slow; the oldest that are not on their way are dropped',
    ),
    queuedBytesPerSession: whole(
      1024,
      1_099_511_627_776,
      'bytes of them; the oldest that are not on their way are dropped',
    ),
    connections: whole(
      1,
      10_000_000,
      'connections at once, of whatever kind; 20 more from `limits.uncountedAddresses`',
    ),
    connectionsPerAddress: whole(
      1,
      10_000_000,
      'of them, from one address (IPv6: one /64; a /56 has four times as much of this and of every limit by address, a /48 sixteen times)',
    ),
    connectionsPerSecond: whole(1, 1_000_000, 'new connections in a second from one address'),
    httpRequestsPerSecond: whole(1, 1_000_000, 'HTTP requests in a second from one address; more are answered 429'),
    uncountedAddresses: z
      .array(z.string().refine(address => isIP(address) !== 0, 'must be an IP address'))
      .describe('addresses that the three limits above do not hold for: the machine itself'),
    requestsPerMinute: whole(
      1,
      10_000_000,
      'requests of one operation in a minute, from one user, operator or device, or one client id of a guest; more are answered 4029',
    ),
    requestsPerMinuteOf: z
      .partialRecord(z.enum(operationNames), whole(1, 10_000_000, 'its requests'))
      .describe('the same for single operations: `{"device/history": 60}`'),
    retainedPerOwner: whole(1, 1_000_000_000, 'messages that one integration may have retained; more are refused'),
    retainedBytesPerOwner: whole(1024, 1_099_511_627_776, 'bytes of them, topics included'),
    sessionsPerAccount: whole(
      1,
      10_000_000,
      'sessions of one account, connected and stored; for one more the stored one is forgotten that is away longest, and none is let in while all are connected',
    ),
    sessionsPerService: whole(1, 10_000_000, 'the same of one integration, by its name'),
    sessionExpirySeconds: whole(
      1,
      315_360_000,
      'a stored session (clean session off) that is away for so long is forgotten, with what it was owed',
    ),
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
  audit: z.strictObject({
    retentionDays: whole(1, 36_500, 'older entries of the audit trail are deleted'),
    maxEntries: whole(
      1000,
      1_000_000_000,
      'entries kept of whoever is no operator and no command; beyond it the oldest of them are deleted',
    ),
  }),
  history: z.strictObject({
    enabled: z.boolean().describe('record the numeric and boolean values that devices report'),
    minIntervalSeconds: whole(1, 86_400, 'least time between two samples of one property; the newest value is kept'),
    retentionDays: whole(1, 36_500, 'older samples are deleted'),
    aggregateDays: whole(
      1,
      36_500,
      'what samples come to by the hour and by the day is deleted when it is older, and never before its samples',
    ),
    rowsPerDevice: whole(1, 1_000_000_000, 'samples kept of one device; the oldest are deleted'),
  }),
})

/** What `NODE_ENV` may say. */
export const environmentSchema = z.enum(['development', 'production', 'test'])
