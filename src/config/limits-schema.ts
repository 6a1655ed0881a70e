import { isIP } from 'node:net'
import * as z from 'zod'
import { operationNames } from '../protocol/operations.ts'
import { whole } from './schema-parts.ts'

/** What one client, one address or one account may have, hold or send: settings `limits.…`. */
export const limitsSchema = z.strictObject({
  maxPacketBytes: whole(1024, 268_435_455, 'largest MQTT packet'),
  maxConnectPacketBytes: whole(256, 1_048_576, 'largest first packet (CONNECT) of a connection'),
  maxEventBytes: whole(1, 268_435_455, 'largest payload on `devices/{id}/event/{name}`'),
  maxBufferedBytes: whole(1024, 1_073_741_824, 'unsent bytes at which a client counts as stuck'),
  messagesPerSecond: whole(
    1,
    10_000_000,
    'messages a second that one client may send; a faster client is read more slowly',
  ),
  bytesPerSecond: whole(
    1024,
    1_073_741_824,
    'bytes a second that one client may send; a faster client is read more slowly',
  ),
  maxSlowedSeconds: whole(
    1,
    86_400,
    'a client that stays too fast for this long, without ever falling below half its rate, is disconnected',
  ),
  connectTimeoutMs: whole(100, 600_000, 'time in which a connection must send CONNECT'),
  drainTimeoutMs: whole(100, 600_000, 'a stuck client that takes no byte for this long is disconnected'),
  pingSeconds: whole(
    1,
    3600,
    'a WebSocket that is sent nothing for this long is pinged, so that proxies keep it open, and closed if it stays silent for as long again. TCP keep-alive starts after the same time',
  ),
  filtersPerPacket: whole(1, 10_000, 'topic filters in one SUBSCRIBE; the rest are refused'),
  filtersPerSession: whole(
    1,
    1_000_000,
    'topic filters of one session. An UNSUBSCRIBE with more filters than this ends the session',
  ),
  filtersPerPacketOfOthers: whole(
    1,
    10_000,
    '`limits.filtersPerPacket` for everybody but integrations, where that is lower',
  ),
  filtersPerSessionOfOthers: whole(
    1,
    1_000_000,
    '`limits.filtersPerSession` for everybody but integrations, where that is lower',
  ),
  followedPerSession: whole(1, 1000, 'of the filters of one session, wildcards over devices (`devices/+/…`) of a user'),
  refusedPublishesPerMinute: whole(1, 1_000_000, 'refused publishes in a minute after which the session is closed'),
  refusedSubscribesPerMinute: whole(
    1,
    1_000_000,
    'SUBSCRIBEs in a minute with no filter granted after which the session is closed',
  ),
  qos2Window: whole(1, 65_535, 'QoS 2 messages that one client may have sent and not yet released (PUBREL)'),
  queuedMessagesPerSession: whole(
    1,
    10_000_000,
    'messages queued for a session that is away or slow; beyond it the oldest that are not in flight are dropped',
  ),
  queuedBytesPerSession: whole(
    1024,
    1_099_511_627_776,
    'bytes queued for a session; beyond it the oldest messages that are not in flight are dropped',
  ),
  connections: whole(1, 10_000_000, 'connections of any kind at once; 20 more from `limits.uncountedAddresses`'),
  connectionsPerAddress: whole(
    1,
    10_000_000,
    'connections at once from one address (IPv6: from one /64). A /56 may have four times this and every other limit by address, a /48 sixteen times',
  ),
  connectionsPerSecond: whole(1, 1_000_000, 'new connections in a second from one address'),
  httpRequestsPerSecond: whole(1, 1_000_000, 'HTTP requests in a second from one address; beyond it the answer is 429'),
  uncountedAddresses: z
    .array(z.string().refine(address => isIP(address) !== 0, 'must be an IP address'))
    .describe('addresses to which the three limits above do not apply: the machine itself'),
  requestsPerMinute: whole(
    1,
    10_000_000,
    'requests of one operation in a minute from one user, operator or device, or from one client id of a guest; beyond it the answer is 4029',
  ),
  requestsPerMinuteOf: z
    .partialRecord(z.enum(operationNames), whole(1, 10_000_000, 'requests of the operation in a minute'))
    .describe('`limits.requestsPerMinute` of single operations: `{"device/history": 60}`'),
  retainedPerOwner: whole(1, 1_000_000_000, 'retained messages of one integration; more are refused'),
  retainedBytesPerOwner: whole(
    1024,
    1_099_511_627_776,
    'bytes of the retained messages of one integration, topics included',
  ),
  sessionsPerAccount: whole(
    1,
    10_000_000,
    'sessions of one account, connected or stored. One more replaces the stored session that has been away longest; it is refused when all are connected',
  ),
  sessionsPerService: whole(1, 10_000_000, '`limits.sessionsPerAccount` for one integration, by its name'),
  sessionExpirySeconds: whole(
    1,
    315_360_000,
    'a stored session (clean session off) that is away for this long is deleted with its queue',
  ),
  requestTimeoutMs: whole(100, 600_000, 'time in which a request must be answered'),
  wsOrigins: z
    .array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'must be an origin such as https://example.com'))
    .describe('`Origin` headers that WebSocket connections may have; an empty list allows any'),
})
