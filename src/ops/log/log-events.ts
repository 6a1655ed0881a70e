import { type TooManyConnections, tooManyConnections } from '../../domain/connection-limits.ts'
import type { Events } from '../../domain/events.ts'
import { type Principal, principalName } from '../../domain/principal.ts'
import type { ConnectRefusal } from '../../domain/sign-in.ts'
import { type Log, writeLine } from '../../log/log.ts'
import { isAboutBytes, kindOfReason } from './bad-bytes.ts'
import { createFlapDamper } from './flap-damper.ts'
import { logRefusals } from './log-refusals.ts'
import { originFields, principalFields } from './origin-fields.ts'
import { createRefusalDamper } from './refusal-damper.ts'

/** True for refusals that can come by the thousand. Any other costs its client a sign-in. */
const isFlood = (reason: string): boolean => tooMany.has(reason) || isAboutBytes(reason)
const tooMany: ReadonlySet<string> = new Set<TooManyConnections | ConnectRefusal>([
  ...tooManyConnections,
  'too-many-guests',
  'too-many-guests-from-address',
])

/** This one costs a sign-in, but client libraries retry at once, all day. */
const tooManySessions: ConnectRefusal = 'too-many-sessions'

/** Writes a line for every domain event; dampers limit those that come by the thousand. The line's `event` is the event's name. */
export function logEvents(events: Events, log: Log): void {
  logSessions(events, log)
  logRequests(events, log)
  logRefusals(events, log)
  logDevices(events, log)
  events.on('fault', ({ where, ref, cause }) =>
    writeLine(log, 'fault', { where, ...(ref !== undefined && { ref }), err: cause }, `: ${where}`),
  )
  events.on('store-changed-elsewhere', () => writeLine(log, 'store-changed-elsewhere', {}))
  events.on('database-locked', ({ file }) => writeLine(log, 'database-locked', { file }))
  events.on('database-free', ({ file, lockedMs }) =>
    writeLine(log, 'database-free', { file, durationMs: Math.round(lockedMs) }),
  )
}

function logSessions(events: Events, log: Log): void {
  events.on('session-opened', ({ transport, ...origin }) =>
    writeLine(log, 'session-opened', { ...originFields(origin), transport }),
  )
  events.on('session-closed', ({ reason, durationMs, ...origin }) =>
    writeLine(log, 'session-closed', { ...originFields(origin), reason, durationMs }),
  )
  events.on('session-slowed', origin => writeLine(log, 'session-slowed', originFields(origin)))
  events.on('messages-dropped', ({ clientId, count }) => writeLine(log, 'messages-dropped', { clientId, count }))
  events.on('session-expired', ({ clientId, owner, awayMs }) =>
    writeLine(log, 'session-expired', { clientId, principal: principalName(owner), durationMs: awayMs }),
  )
  events.on('session-dropped', ({ clientId, owner, awayMs, limit }) =>
    writeLine(log, 'session-dropped', {
      clientId,
      ...principalFields(owner),
      durationMs: awayMs,
      setting: `limits.${limit}`,
    }),
  )
  events.on('session-displaced', ({ clientId, owner, by }) =>
    writeLine(log, 'session-displaced', { clientId, ...principalFields(owner), by: principalName(by) }),
  )
  const ofReason = createRefusalDamper((reason, count) => writeLine(log, 'connections-refused', { reason, count }))
  const ofOwner = createRefusalDamper((principal, count) =>
    writeLine(log, 'connections-refused', { principal, reason: tooManySessions, count }),
  )
  function isLeftOut(reason: string, principal: Principal | undefined): boolean {
    if (isFlood(reason)) return !ofReason.note(kindOfReason(reason))
    return reason === tooManySessions && principal !== undefined && !ofOwner.note(principalName(principal))
  }
  events.on('connection-refused', ({ clientId, address, principal, returnCode, reason, topic }) => {
    if (!isLeftOut(reason, principal))
      writeLine(log, 'connection-refused', {
        clientId,
        address,
        ...(principal && principalFields(principal)),
        returnCode,
        reason,
        ...(topic !== undefined && { topic }),
      })
  })
  events.on('proxy-not-trusted', ({ address }) => writeLine(log, 'proxy-not-trusted', { address }))
  events.on('token-revoked', ({ tokenId, reason }) => writeLine(log, 'token-revoked', { tokenId, reason }))
  events.on('address-blocked', ({ network }) => writeLine(log, 'address-blocked', { address: network }))
  events.on('address-unblocked', ({ network }) => writeLine(log, 'address-unblocked', { address: network }))
  events.on('network-closed', ({ network }) => writeLine(log, 'network-closed', { address: network }))
  events.on('token-reused', ({ tokenId, userId, ...origin }) =>
    writeLine(log, 'token-reused', { ...originFields(origin), userId, tokenId }),
  )
  events.on('service-token-ending', ({ name, tokenId, expiresAtMs }) =>
    writeLine(log, 'service-token-ending', {
      principal: `service:${name}`,
      tokenId,
      until: new Date(expiresAtMs).toISOString(),
    }),
  )
  events.on('account-signed-out', ({ userId, reason }) => writeLine(log, 'account-signed-out', { userId, reason }))
}

function logRequests(events: Events, log: Log): void {
  events.on('wechat-linked', ({ userId, ...origin }) =>
    writeLine(log, 'wechat-linked', { ...originFields(origin), userId }),
  )
  events.on('signed-in', ({ operation, userId, ...origin }) =>
    writeLine(log, 'signed-in', { ...originFields(origin), operation, userId }),
  )
  events.on('acted', ({ kind, target, ...origin }) =>
    writeLine(log, 'acted', {
      ...originFields(origin),
      action: kind,
      ...(target && { target: `${target.kind}:${target.id}` }),
    }),
  )
}

function logDevices(events: Events, log: Log): void {
  const damper = createFlapDamper(leftOut => writeLine(log, 'device-flapping', leftOut))
  events.on('device-online', ({ deviceId }) => {
    if (damper.note(deviceId, true)) writeLine(log, 'device-online', { deviceId })
  })
  events.on('device-offline', ({ deviceId, reason }) => {
    if (damper.note(deviceId, false)) writeLine(log, 'device-offline', { deviceId, reason })
  })
  events.on('device-barred', ({ deviceId, reason }) => writeLine(log, 'device-barred', { deviceId, reason }))
  events.on('device-added', ({ deviceId, type }) => writeLine(log, 'device-added', { deviceId, type }))
  events.on('device-claimed', ({ deviceId, userId }) => writeLine(log, 'device-claimed', { deviceId, userId }))
  events.on('device-enrolled', ({ deviceId, type, ...origin }) =>
    writeLine(log, 'device-enrolled', { ...originFields(origin), deviceId, type }),
  )
  events.on('device-released', ({ deviceId, userId }) => writeLine(log, 'device-released', { deviceId, userId }))
  events.on('device-shared', ({ deviceId, userId, role }) =>
    writeLine(log, 'device-shared', { deviceId, userId, role }),
  )
  events.on('device-changed', ({ deviceId, userId }) => writeLine(log, 'device-changed', { deviceId, userId }))
  events.on('grant-changed', ({ deviceId, userId, role }) =>
    writeLine(log, 'grant-changed', { deviceId, userId, role: role ?? 'none' }),
  )
  events.on('state-value-refused', ({ deviceId, property, reason }) =>
    writeLine(log, 'state-value-refused', { deviceId, property, reason }),
  )
}
