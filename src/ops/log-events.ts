import type { Events, Origin } from '../domain/events.ts'
import type { Log } from '../domain/log.ts'
import { principalName } from '../domain/principal.ts'

const from = ({ clientId, address, principal }: Origin) => ({ clientId, address, principal: principalName(principal) })

/** Writes one line for every domain event; the line's `event` is the event's name. */
export function logEvents(events: Events, log: Log): void {
  logSessions(events, log)
  logRequests(events, log)
  logDevices(events, log)
  events.on('fault', ({ where, cause }) =>
    log.error({ event: 'fault', where, err: cause }, `something of ours failed: ${where}`),
  )
}

function logSessions(events: Events, log: Log): void {
  events.on('session-opened', ({ transport, ...origin }) =>
    log.info({ event: 'session-opened', ...from(origin), transport }, 'session opened'),
  )
  events.on('session-closed', ({ reason, durationMs, ...origin }) =>
    log.info({ event: 'session-closed', ...from(origin), reason, durationMs }, 'session closed'),
  )
  events.on('connection-refused', ({ clientId, address, returnCode, reason }) =>
    log.warn({ event: 'connection-refused', clientId, address, returnCode, reason }, 'connection refused'),
  )
  events.on('token-revoked', ({ tokenId, reason }) =>
    log.info({ event: 'token-revoked', tokenId, reason }, 'token revoked'),
  )
  events.on('account-signed-out', ({ userId, reason }) =>
    log.info({ event: 'account-signed-out', userId, reason }, 'account signed out everywhere'),
  )
  events.on('store-changed-elsewhere', () =>
    log.debug({ event: 'store-changed-elsewhere' }, 'another process changed the database'),
  )
}

function logRequests(events: Events, log: Log): void {
  events.on('request-answered', ({ operation, code, durationMs, ...origin }) =>
    log.info({ event: 'request-answered', ...from(origin), operation, code, durationMs }, 'request answered'),
  )
  events.on('signed-in', ({ operation, userId, ...origin }) =>
    log.info({ event: 'signed-in', ...from(origin), operation, userId }, 'signed in'),
  )
  events.on('publish-refused', ({ topic, rule, ...origin }) =>
    log.warn({ event: 'publish-refused', ...from(origin), topic, rule }, 'publish refused'),
  )
  events.on('subscribe-refused', ({ topic, rule, ...origin }) =>
    log.warn({ event: 'subscribe-refused', ...from(origin), topic, rule }, 'subscription refused'),
  )
}

function logDevices(events: Events, log: Log): void {
  events.on('device-online', ({ deviceId }) => log.info({ event: 'device-online', deviceId }, 'device online'))
  events.on('device-offline', ({ deviceId, reason }) =>
    log.info({ event: 'device-offline', deviceId, reason }, 'device offline'),
  )
  events.on('device-claimed', ({ deviceId, userId }) =>
    log.info({ event: 'device-claimed', deviceId, userId }, 'device claimed'),
  )
  events.on('device-enrolled', ({ deviceId, type, ...origin }) =>
    log.info({ event: 'device-enrolled', ...from(origin), deviceId, type }, 'device enrolled'),
  )
  events.on('device-released', ({ deviceId, userId }) =>
    log.info({ event: 'device-released', deviceId, userId }, 'device released'),
  )
  events.on('device-changed', ({ deviceId, userId }) =>
    log.debug({ event: 'device-changed', deviceId, userId }, 'device changed'),
  )
  events.on('grant-changed', ({ deviceId, userId, role }) =>
    log.info({ event: 'grant-changed', deviceId, userId, role: role ?? 'none' }, 'grant changed'),
  )
  events.on('state-value-refused', ({ deviceId, property, reason, count }) =>
    log.warn({ event: 'state-value-refused', deviceId, property, reason, count }, 'reported value refused by its type'),
  )
}
