import type { AccountStore } from '../../domain/account.ts'
import type { AuditActor, Deed, NewAuditEntry } from '../../domain/audit.ts'
import { tooManyConnections } from '../../domain/connection-limits.ts'
import type { Events } from '../../domain/events.ts'
import type { Origin } from '../../domain/origin.ts'
import { guest, type Principal } from '../../domain/principal.ts'
import type { Clock } from '../../domain/request.ts'
import { isIdentifier } from '../../protocol/identifiers.ts'
import type { AuditKind } from '../../protocol/operations/audit.ts'
import { isAboutBytes } from '../log/bad-bytes.ts'
import { createRefusalDamper } from '../log/refusal-damper.ts'
import type { AuditWriter } from './audit-writer.ts'

interface Options {
  readonly events: Events
  readonly writer: Pick<AuditWriter, 'add'>
  /** Finds the account of a user name that somebody tried to sign in with. */
  readonly accounts: Pick<AccountStore, 'accountByUsername'>
  readonly now: Clock
}

const signInKinds: Readonly<Record<string, AuditKind>> = { 'auth/register': 'registered', 'auth/bind': 'bound' }
/** Reasons that are about load, not about the client. */
const nobodysFault: ReadonlySet<string> = new Set([
  'server-unavailable',
  'too-many-sessions',
  'database-busy',
  'connect-timeout',
  ...tooManyConnections,
])

/**
 * Records domain events in the audit trail. Of sessions it records only those of operators and services, since users have signed in before and
 * devices come and go. A user name that no account has is not kept: it may be a password in the wrong field.
 */
export function recordEvents({ events, writer, accounts, now }: Options): { close(): void } {
  const entry = (by: Origin, deed: Deed): NewAuditEntry => ({
    atMs: now(),
    actor: actorOf(by.principal),
    clientId: isIdentifier(by.clientId) || by.principal.kind === 'service' ? by.clientId : '', // not an id that a stranger makes up
    address: by.address,
    ...deedOf(deed),
  })
  const damper = createRefusalDamper((address, count) =>
    writer.add(entry({ clientId: '', address, principal: guest }, { kind: 'refusals-left-out', detail: `${count}` })),
  )

  events.on('acted', deed => writer.add(entry(deed, deed)))
  events.on('signed-in', ({ operation, userId, ...by }) => {
    const kind = signInKinds[operation] ?? 'signed-in'
    writer.add(entry(by, { kind, target: { kind: 'user', id: userId }, detail: operation }))
  })
  events.on('session-opened', ({ transport, ...by }) => {
    const { kind } = by.principal
    if (kind === 'operator' || kind === 'service') writer.add(entry(by, { kind: 'connected', detail: transport }))
  })
  events.on('connection-refused', ({ reason, clientId, address }) => {
    if (nobodysFault.has(reason) || isAboutBytes(reason) || !damper.noteFrom(address)) return
    writer.add(entry({ clientId, address, principal: guest }, { kind: 'sign-in-refused', detail: reason }))
  })
  events.on('sign-in-refused', ({ operation, code, username, ...by }) => {
    if (!damper.noteFrom(by.address)) return
    const refused = entry(by, { kind: 'sign-in-refused', detail: `${operation} ${code}` })
    if (username === undefined) writer.add(refused)
    else
      writer.add(async () => {
        const account = await accounts.accountByUsername(username)
        return account ? { ...refused, target: { kind: 'user', id: account.id } } : refused
      })
  })
  events.on('token-reused', ({ tokenId, userId, ...by }) =>
    writer.add(entry(by, { kind: 'token-reused', target: { kind: 'user', id: userId }, detail: tokenId })),
  )
  events.on('device-enrolled', ({ deviceId, type, ...by }) =>
    writer.add(entry(by, { kind: 'device-enrolled', target: { kind: 'device', id: deviceId }, detail: type })),
  )
  return { close: damper.finish }
}

const deedOf = ({ kind, target, detail }: Deed): Deed => ({
  kind,
  ...(target && { target }),
  ...(detail !== undefined && { detail }),
})

function actorOf(principal: Principal): AuditActor {
  switch (principal.kind) {
    case 'guest':
      return { kind: 'guest', id: '' }
    case 'user':
    case 'operator':
      return { kind: principal.kind, id: principal.userId }
    case 'device':
      return { kind: 'device', id: principal.deviceId }
    case 'service':
      return { kind: 'service', id: principal.name }
  }
}
