import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { World } from './start-world.ts'

/** What must be as before when all fuzzed connections are gone. */
export interface Held {
  readonly connectedClients: number
  readonly openSessions: number
  readonly listeners: number
  /** What keeps the process awake, by kind: sockets, timers. */
  readonly resources: Readonly<Record<string, number>>
}

export function whatIsHeld({ running, openSessions }: World): Held {
  const { events, connectedClients } = running.app
  const resources: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1
  const listeners = [events, process].flatMap(emitter =>
    emitter.eventNames().map(name => emitter.listenerCount(name as never)),
  )
  return {
    connectedClients: connectedClients(),
    openSessions: openSessions(),
    listeners: listeners.reduce((total, count) => total + count, 0),
    resources,
  }
}

/** What of `now` is more than `before`, in words; empty when nothing is. */
export function leaksSince(before: Held, now: Held): string[] {
  const kinds = Object.keys(now.resources)
  const pairs: [string, number, number][] = [
    ['connected clients', before.connectedClients, now.connectedClients],
    ['open sessions', before.openSessions, now.openSessions],
    ['listeners', before.listeners, now.listeners],
    ...kinds.map((kind): [string, number, number] => [kind, before.resources[kind] ?? 0, now.resources[kind] ?? 0]),
  ]
  return pairs
    .filter(([, then, left]) => left > then)
    .map(([name, then, left]) => `${name}: ${then} before, ${left} now`)
}

/** The heap in MB after everything that is not used was collected. */
export function usedHeapMb(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}
