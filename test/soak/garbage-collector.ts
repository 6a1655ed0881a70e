import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Collects the garbage of another process of Node's, so that its heap shows what it holds and not when it was swept last. */
export interface GarbageCollector {
  collect(): Promise<void>
  close(): void
}

/** Speaks to the inspector that a process was started with: `--inspect=127.0.0.1:PORT`. */
export async function openGarbageCollector(port: number): Promise<GarbageCollector> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`, { headers: { connection: 'close' } })
  const [target]: { webSocketDebuggerUrl: string }[] = JSON.parse(await answer.text())
  if (!target) throw new Error('nothing to inspect')
  const ws = new WebSocket(target.webSocketDebuggerUrl)
  await once(ws, 'open')
  let id = 0
  return {
    async collect() {
      ws.send(JSON.stringify({ id: ++id, method: 'HeapProfiler.collectGarbage' }))
      await once(ws, 'message')
    },
    close: () => ws.close(),
  }
}
