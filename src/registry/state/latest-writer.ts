import type { Scheduler } from '../scheduler.ts'

/** Writes per key, one at a time: what is put while a write is under way waits, and only the latest of that is written. */
export interface LatestWriter<T> {
  /** Resolves when this value, or a later one of the same key, was written or has failed. Never rejects. */
  put(key: string, value: T): Promise<void>
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

interface Options<T> {
  readonly write: (key: string, value: T) => Promise<void>
  /** Hears of the first write that rejects, and again after one that succeeded. */
  readonly failed: (cause: unknown) => void
  readonly scheduler: Pick<Scheduler, 'after'>
}

const againMs = 1000

/** A value that could not be written is tried again every second, until it or a later one of its key is written. */
export function createLatestWriter<T>({ write, failed, scheduler }: Options<T>): LatestWriter<T> {
  const waiting = new Map<string, { readonly value: T }>()
  const running = new Map<string, Promise<void>>()
  /** To be tried again. */
  const unwritten = new Map<string, T>()
  let isArmed = false
  let isFailing = false

  async function drain(key: string): Promise<void> {
    for (let next = waiting.get(key); next; next = waiting.get(key)) {
      waiting.delete(key)
      const { value } = next
      try {
        await (async () => write(key, value))()
        isFailing = false
      } catch (cause) {
        if (!isFailing) failed(cause)
        isFailing = true
        if (!waiting.has(key)) unwritten.set(key, value)
      }
    }
    running.delete(key)
    if (unwritten.has(key)) arm()
  }

  function arm(): void {
    if (isArmed) return
    isArmed = true
    scheduler.after(againMs, () => {
      isArmed = false
      for (const [key, value] of [...unwritten]) void put(key, value)
    })
  }

  function put(key: string, value: T): Promise<void> {
    unwritten.delete(key)
    waiting.set(key, { value })
    const underWay = running.get(key)
    if (underWay) return underWay
    const started = drain(key)
    running.set(key, started)
    return started
  }

  return {
    put,
    async settled() {
      while (running.size > 0) await Promise.all(running.values())
    },
  }
}
