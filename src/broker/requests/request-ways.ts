import { parseJsonObject } from '../../domain/json.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import { maxRequestBytes, type Reply, requestIdSchema } from '../../protocol/envelope.ts'
import { hasOwn } from '../../protocol/json.ts'
import { authOperations } from '../../protocol/operations/auth.ts'
import { topics } from '../../protocol/topics.ts'
import { sendTo } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'

/** What a client asks for. */
export interface Asked {
  readonly operation: string
  readonly id?: string
  /** The fields of the operation, or why they cannot be read. */
  readonly request: object | Refusal
}

/** How a request comes, and its reply goes. */
export interface RequestWay {
  /** The client sends nothing more this way before it has its reply, so it always gets one. */
  readonly isAwaited: boolean
  read(body: Uint8Array): Asked
  /** Whether the client would receive a reply. */
  hears(session: Session, operation: string): boolean
  /** False when the reply was not sent. */
  reply(session: Session, operation: string, body: Reply): boolean
}

/** On `request/{client}/{operation}`; the reply on `reply/…`, to a client that has subscribed to it. */
export const byTopic = (operation: string): RequestWay => ({
  isAwaited: false,
  read: body => ({ operation, ...parseRequest(body) }),
  hears: (session, name) => !session.client.closed && session.reader.asked.hears(topics.reply(session.clientId, name)),
  reply: (session, name, body) => sendTo(session, topics.reply(session.clientId, name), body),
})

/** In the place of an operation that is none: a stranger's text does not stand in the log. */
const unknownOperation = 'unknown'

/** As authentication, which signs in and out and does nothing else: `op` names the operation. The reply comes back the same way. */
export const byAuthentication: RequestWay = {
  isAwaited: true,
  read(body) {
    const { request, id } = parseRequest(body)
    const op = 'op' in request ? request.op : undefined
    const named = { operation: nameOf(op), ...(id !== undefined && { id }) }
    if (isRefusal(request) || typeof op === 'string') return { ...named, request }
    return { ...named, request: refuse(4000, { detail: 'op: must be the name of an operation' }) }
  },
  hears: session => !session.client.closed,
  reply: (session, _name, body) => session.stream.authenticated(Buffer.from(JSON.stringify(body)), body.code === 0),
}

const nameOf = (op: unknown): string => (typeof op === 'string' && hasOwn(authOperations, op) ? op : unknownOperation)

function parseRequest(body: Uint8Array): Omit<Asked, 'operation'> {
  if (body.length > maxRequestBytes)
    return { request: refuse(4000, { detail: `larger than ${maxRequestBytes} bytes` }) }
  const object = parseJsonObject(body)
  if (!object) return { request: refuse(4000, { detail: 'not a JSON object' }) }
  const id = requestIdSchema.safeParse(object.id)
  if (!id.success) return { request: refuse(4000, { detail: 'id: must be a string of at most 64 characters' }) }
  return id.data === undefined ? { request: object } : { id: id.data, request: object }
}
