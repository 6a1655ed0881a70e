import { declare } from './declare-log-event.ts'
import { processLogEvents } from './process-log-events.ts'

/** Whom the line is about; a guest has no `username`. */
const origin = ['principal', 'username', 'clientId', 'address'] as const

/** Every line of the log by its `event`, which never changes between releases. docs/events.md is generated from this table. */
export const logCatalogue = {
  ...processLogEvents,
  'session-opened': declare({
    level: 'info',
    module: 'sessions',
    text: 'session opened',
    fields: [...origin, 'transport'],
  }),
  'session-closed': declare({
    level: 'info',
    module: 'sessions',
    text: 'session closed',
    fields: [...origin, 'reason', 'durationMs'],
  }),
  'session-slowed': declare({
    level: 'warn',
    module: 'sessions',
    text: 'the client sends too fast: it is now read more slowly',
    fields: origin,
  }),
  'messages-dropped': declare({
    level: 'warn',
    module: 'sessions',
    text: 'queue full: the oldest messages are dropped',
    fields: ['clientId', 'count'],
  }),
  'session-expired': declare({
    level: 'info',
    module: 'sessions',
    text: 'stored session expired: it is deleted with its queue',
    fields: ['clientId', 'principal', 'durationMs'],
  }),
  'session-dropped': declare({
    level: 'warn',
    module: 'sessions',
    text: 'stored session deleted with its queue: its owner has too many, and this one was away longest',
    fields: ['clientId', 'principal', 'username', 'durationMs', 'setting'],
  }),
  'session-displaced': declare({
    level: 'warn',
    module: 'sessions',
    text: 'stored session deleted with its queue: its client id has a new owner, or its owner lost all rights',
    fields: ['clientId', 'principal', 'username', 'by'],
  }),
  'connection-refused': declare({
    level: 'warn',
    module: 'sessions',
    text: 'connection refused',
    fields: ['clientId', 'address', 'principal', 'username', 'returnCode', 'reason', 'topic'],
  }),
  'connections-refused': declare({
    level: 'warn',
    module: 'sessions',
    text: 'more connections were refused for this reason in the last minute: their lines are left out',
    fields: ['principal', 'reason', 'count'],
  }),
  'proxy-not-trusted': declare({
    level: 'warn',
    module: 'sessions',
    text: 'X-Forwarded-For came from an address that is not in trustedProxies: if it is your proxy, everybody behind it counts as one client',
    fields: ['address'],
  }),
  'request-answered': declare({
    level: 'info',
    module: 'requests',
    text: 'request answered',
    fields: [...origin, 'operation', 'code', 'reason', 'ref', 'unheard', 'durationMs'],
  }),
  'command-refused': declare({
    level: 'info',
    module: 'requests',
    text: 'command refused',
    fields: [...origin, 'topic', 'code', 'reason'],
  }),
  'publish-refused': declare({
    level: 'warn',
    module: 'requests',
    text: 'publish refused',
    fields: [...origin, 'topic', 'rule'],
  }),
  'subscribe-refused': declare({
    level: 'warn',
    module: 'requests',
    text: 'subscription refused',
    fields: [...origin, 'topic', 'rule', 'count'],
  }),
  'refusals-left-out': declare({
    level: 'warn',
    module: 'requests',
    text: 'more of the same was refused in the last minute: their lines are left out',
    fields: [...origin, 'reason', 'rule', 'operation', 'code', 'count'],
  }),
  'signed-in': declare({
    level: 'info',
    module: 'accounts',
    text: 'signed in',
    fields: [...origin, 'operation', 'userId'],
  }),
  'wechat-linked': declare({
    level: 'info',
    module: 'accounts',
    text: 'WeChat user linked to the account',
    fields: [...origin, 'userId'],
  }),
  'sign-in-refused': declare({
    level: 'debug',
    module: 'accounts',
    text: 'sign-in refused',
    fields: [...origin, 'operation', 'code'],
  }),
  'token-revoked': declare({ level: 'info', module: 'accounts', text: 'token revoked', fields: ['tokenId', 'reason'] }),
  'address-blocked': declare({ level: 'info', module: 'operators', text: 'address blocked', fields: ['address'] }),
  'address-unblocked': declare({
    level: 'info',
    module: 'operators',
    text: 'address no longer blocked',
    fields: ['address'],
  }),
  'network-closed': declare({
    level: 'debug',
    module: 'operators',
    text: 'connections of a blocked address closed',
    fields: ['address'],
  }),
  'token-reused': declare({
    level: 'warn',
    module: 'accounts',
    text: 'token used after its successor: it may be stolen, so its whole family is revoked',
    fields: [...origin, 'userId', 'tokenId'],
  }),
  'service-token-ending': declare({
    level: 'warn',
    module: 'accounts',
    text: 'the token of an integration expires soon: run latchkey token rotate',
    fields: ['principal', 'tokenId', 'until'],
  }),
  'account-signed-out': declare({
    level: 'info',
    module: 'accounts',
    text: 'account signed out everywhere',
    fields: ['userId', 'reason'],
  }),
  'device-online': declare({ level: 'info', module: 'devices', text: 'device online', fields: ['deviceId'] }),
  'device-offline': declare({
    level: 'info',
    module: 'devices',
    text: 'device offline',
    fields: ['deviceId', 'reason'],
  }),
  'device-flapping': declare({
    level: 'warn',
    module: 'devices',
    text: 'device connects and disconnects too often: lines are left out',
    fields: ['deviceId', 'count', 'online'],
  }),
  'device-barred': declare({
    level: 'info',
    module: 'devices',
    text: 'sessions of the device are closed',
    fields: ['deviceId', 'reason'],
  }),
  'device-added': declare({ level: 'debug', module: 'devices', text: 'device added', fields: ['deviceId', 'type'] }),
  'device-claimed': declare({
    level: 'info',
    module: 'devices',
    text: 'device claimed',
    fields: ['deviceId', 'userId'],
  }),
  'device-enrolled': declare({
    level: 'info',
    module: 'devices',
    text: 'device enrolled',
    fields: [...origin, 'deviceId', 'type'],
  }),
  'device-released': declare({
    level: 'info',
    module: 'devices',
    text: 'device released',
    fields: ['deviceId', 'userId'],
  }),
  'device-shared': declare({
    level: 'info',
    module: 'devices',
    text: 'invitation made',
    fields: ['deviceId', 'userId', 'role'],
  }),
  'device-changed': declare({
    level: 'debug',
    module: 'devices',
    text: 'device changed',
    fields: ['deviceId', 'userId'],
  }),
  'grant-changed': declare({
    level: 'info',
    module: 'devices',
    text: 'grant changed',
    fields: ['deviceId', 'userId', 'role'],
  }),
  'state-value-refused': declare({
    level: 'warn',
    module: 'devices',
    text: 'reported value refused: its device type does not allow it',
    fields: ['deviceId', 'property', 'reason'],
  }),
  acted: declare({
    level: 'info',
    module: 'operators',
    text: 'action recorded in the audit trail',
    fields: [...origin, 'action', 'target'],
  }),
} as const
export type LogEvent = keyof typeof logCatalogue
