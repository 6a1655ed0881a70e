import type { ClientStream } from '../transport/client-stream.ts'
import type { Closings } from './closings.ts'
import type { SessionTable } from './session-table.ts'

interface Options {
  readonly sessions: Pick<SessionTable, 'all'>
  /** The streams of all connections, admitted or not. */
  readonly streams: Iterable<ClientStream>
  readonly closings: Closings
}

/** Closes every session, and every connection that is no session yet. Resolves when the last session's connection is gone. */
export async function disconnectAll({ sessions, streams, closings }: Options): Promise<void> {
  const open = [...sessions.all()]
  const gone = open.map(({ stream }) => new Promise(resolve => stream.once('close', resolve)))
  const admitted = new Set(open.map(({ stream }) => stream))
  for (const stream of streams) if (!admitted.has(stream)) stream.destroy()
  closings.end(open, 'broker-stopping')
  await Promise.all(gone)
}
