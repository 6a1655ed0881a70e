import type { StoredSession, StoredSessionList } from '../../domain/open-sessions.ts'
import { userIdOf } from '../../domain/principal.ts'
import type { StoredSessionRow } from '../../protocol/operations/ops.ts'
import type { DataOf, RequestOf } from '../../protocol/operations.ts'
import { inTurns } from '../../turns/in-turns.ts'
import { nameOf } from './page-of-sessions.ts'

/** A page of the stored sessions, by client id. Queues are counted only for the rows of the page, in as many turns as it takes. */
export async function pageOfStoredSessions(
  stored: StoredSessionList,
  { search = '', kind, offset, limit }: RequestOf<'ops/session/stored'>,
): Promise<DataOf<'ops/session/stored'>> {
  const part = search.toLowerCase()
  const found: StoredSession[] = []
  for (const session of stored.all()) {
    if (kind !== undefined && session.owner.kind !== kind) continue
    if (part === '' || textsOf(session).some(text => text.toLowerCase().includes(part))) found.push(session)
  }
  found.sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
  const sessions: StoredSessionRow[] = []
  await inTurns(found.slice(offset, offset + limit), async session => {
    sessions.push(rowOf(session, await stored.queued(session.clientId)))
  })
  return { total: found.length, sessions }
}

const textsOf = ({ clientId, owner }: StoredSession): string[] => [clientId, nameOf(owner), userIdOf(owner) ?? '']

function rowOf(session: StoredSession, queued: Awaited<ReturnType<StoredSessionList['queued']>>): StoredSessionRow {
  const { clientId, owner, connected, suspended, awaySinceMs, filters } = session
  const userId = userIdOf(owner)
  return {
    clientId,
    kind: owner.kind,
    name: nameOf(owner),
    ...(userId !== undefined && { userId }),
    connected,
    suspended,
    awaySince: awaySinceMs ?? null,
    filters,
    queued: queued.messages,
    queuedBytes: queued.bytes,
  }
}
