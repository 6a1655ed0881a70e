import { isIP } from 'node:net'
import type { OpenSession } from '../../domain/open-sessions.ts'
import { type Principal, tokenOf, userIdOf } from '../../domain/principal.ts'
import { addressOf } from '../../network/ip-address.ts'
import type { SessionRow } from '../../protocol/operations/ops.ts'
import type { DataOf, RequestOf } from '../../protocol/operations.ts'
import { inTurns } from '../../turns/in-turns.ts'

/** A page of the open sessions. They are searched in as many turns as it takes, and only the rows of the page are built. */
export async function pageOfSessions(
  sessions: Iterable<OpenSession>,
  { search = '', kind, sort, descending, offset, limit }: RequestOf<'ops/sessions'>,
): Promise<DataOf<'ops/sessions'>> {
  const part = search.toLowerCase()
  const address = isIP(search) === 0 ? undefined : addressOf(search) // in any spelling
  const found: OpenSession[] = []
  await inTurns(sessions, session => {
    if (kind !== undefined && session.principal.kind !== kind) return
    const isFound =
      part === '' ||
      (address !== undefined && addressOf(session.address) === address) ||
      textsOf(session).some(text => text.toLowerCase().includes(part))
    if (isFound) found.push(session)
  })
  const sign = descending ? -1 : 1
  found.sort((a, b) => sign * (compare(keyOf(a, sort), keyOf(b, sort)) || compare(a.clientId, b.clientId)))
  return { total: found.length, sessions: found.slice(offset, offset + limit).map(rowOf) }
}

const textsOf = ({ clientId, address, principal }: OpenSession): string[] => [
  clientId,
  address,
  nameOf(principal),
  userIdOf(principal) ?? '',
]

function keyOf(session: OpenSession, sort: RequestOf<'ops/sessions'>['sort']): string | number {
  switch (sort) {
    case 'openedAt':
      return session.openedAtMs
    case 'kind':
      return session.principal.kind
    case 'name':
      return nameOf(session.principal)
    default:
      return session[sort]
  }
}

/** Compares by code unit: the rules of a language would take many times as long. */
const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** User name, device id or name of the service; empty for a guest. */
export function nameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'guest':
      return ''
    case 'user':
    case 'operator':
      return principal.username
    case 'device':
      return principal.deviceId
    case 'service':
      return principal.name
  }
}

function rowOf({ clientId, address, principal, transport, openedAtMs, filters }: OpenSession): SessionRow {
  const userId = userIdOf(principal)
  const token = tokenOf(principal)
  return {
    clientId,
    kind: principal.kind,
    name: nameOf(principal),
    ...(userId !== undefined && { userId }),
    ...(token && { tokenId: token.id }),
    address,
    transport,
    openedAt: openedAtMs,
    filters,
  }
}
