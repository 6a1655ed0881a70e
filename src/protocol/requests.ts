import { codes, type RefusalCode } from './codes.ts'
import { hasOwn, isJsonObject } from './json.ts'
import type { DataOf, OperationName, RequestBodyOf } from './operations.ts'

/** Why a request was not done: its reply code, or that there was none. */
export interface RequestFailure {
  readonly code: RefusalCode | 'offline' | 'timeout'
  /** With 4029: seconds until it may be tried again. */
  readonly retryAfter?: number
}

/** What became of a request. */
export type Answer<Data> = { readonly ok: true; readonly data: Data } | ({ readonly ok: false } & RequestFailure)

/** A client's requests on one connection, each matched to its reply by id. */
export interface Requests {
  /** Never rejects: `timeout` when there is no reply in time, `offline` when it cannot be sent or the connection ends before. */
  ask<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Answer<DataOf<N>>>
  /** Takes the payload of a reply; what is none of ours is passed over. Never throws. */
  answered(payload: string): void
  /** The connection is gone: whoever waits is told so, and whoever asks from now on. */
  end(): void
}

interface Options {
  /** Sends a request. What it throws means that it cannot be sent. */
  readonly send: (operation: OperationName, payload: string) => void
  /** 12 s when not given: the broker answers each within ten (`limits.requestTimeoutMs`). */
  readonly timeoutMs?: number
  /**
   * Resolves when all that the broker had sent by now has arrived. A request whose time is over waits for that too: on a slow link its reply may
   * be on its way. When it rejects the connection is gone.
   */
  readonly caughtUp?: () => Promise<void>
}

const offline = { ok: false, code: 'offline' } as const
const timeout = { ok: false, code: 'timeout' } as const

export function createRequests({ send, timeoutMs = 12_000, caughtUp = () => Promise.resolve() }: Options): Requests {
  const waiting = new Map<string, (result: Answer<unknown>) => void>()
  let asked = 0
  let isOver = false

  const settle = (id: string, result: Answer<unknown>) => waiting.get(id)?.(result)

  return {
    ask<N extends OperationName>(operation: N, body: RequestBodyOf<N>) {
      if (isOver) return Promise.resolve(offline)
      const id = `${++asked}`
      return new Promise<Answer<DataOf<N>>>(resolve => {
        const isOverdue = () =>
          void caughtUp().then(
            () => settle(id, timeout),
            () => settle(id, offline),
          )
        const timer = setTimeout(isOverdue, timeoutMs)
        waiting.set(id, result => {
          waiting.delete(id)
          clearTimeout(timer)
          // The broker's handlers are checked against the same table of operations; the schemas are too large for a page.
          resolve(result as Answer<DataOf<N>>)
        })
        try {
          send(operation, JSON.stringify({ ...body, id }))
        } catch {
          settle(id, offline)
        }
      })
    },
    answered(payload) {
      const reply = parseReply(payload)
      if (reply) settle(reply.id, reply.result)
    },
    end() {
      isOver = true
      for (const id of [...waiting.keys()]) settle(id, offline)
    },
  }
}

function parseReply(payload: string): { readonly id: string; readonly result: Answer<unknown> } | undefined {
  try {
    const reply: unknown = JSON.parse(payload)
    if (!isJsonObject(reply) || typeof reply.id !== 'string') return undefined
    return {
      id: reply.id,
      result: reply.code === 0 ? { ok: true, data: reply.data } : { ok: false, ...failureOf(reply) },
    }
  } catch {
    return undefined
  }
}

/** A code that this version does not know is a newer broker's: it is shown as a fault. */
function failureOf({ code, data }: { readonly code?: unknown; readonly data?: unknown }): RequestFailure {
  const known = isRefusalCode(code) ? code : 5000
  const retryAfter = isJsonObject(data) ? data.retryAfter : undefined
  return typeof retryAfter === 'number' ? { code: known, retryAfter } : { code: known }
}

const isRefusalCode = (code: unknown): code is RefusalCode =>
  typeof code === 'number' && code !== 0 && hasOwn(codes, String(code))
