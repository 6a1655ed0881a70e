import { randomBytes } from 'node:crypto'
import { DatabaseBusy } from '../../domain/database-busy.ts'
import type { Events } from '../../domain/events.ts'
import { isJsonObject } from '../../domain/json.ts'
import { originOf } from '../../domain/origin.ts'
import type { Known, Principal } from '../../domain/principal.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import type { Became, Clock, Handlers, RequestContext } from '../../domain/request.ts'
import { createWindowedCounts } from '../../limits/windowed-counts.ts'
import { type Code, type Locale, messageOf } from '../../protocol/codes.ts'
import type { Reply } from '../../protocol/envelope.ts'
import type { Operation } from '../../protocol/operation.ts'
import { isOperationName, operationNamed } from '../../protocol/operations.ts'
import { ruleOfIssue, type ValueIssue } from '../../protocol/rule-of-issue.ts'
import { topics } from '../../protocol/topics.ts'
import { withDeadline } from '../../turns/with-deadline.ts'
import { notify } from '../sessions/notify.ts'
import type { Session } from '../sessions/session.ts'
import type { RequestLimits } from './request-limits.ts'
import { type Asked, byAuthentication, byTopic, type RequestWay } from './request-ways.ts'

export interface RequestRouterOptions {
  readonly handlers: Handlers
  readonly events: Events
  readonly locale: Locale
  readonly timeoutMs: number
  readonly requestLimits: RequestLimits
  readonly now: Clock
  /** Makes a session act for another principal, with all that follows: timers, subscriptions. */
  readonly become: (session: Session, principal: Principal) => Became
  /** Whether the session could act for that account by its client id. */
  readonly mayHold: (session: Session, account: Known) => Promise<boolean>
  /** Whether the principal may still act, now that its connection is gone and nobody watches its rights. */
  readonly mayStillAct: (principal: Principal) => Promise<boolean>
  /** Notes a refused publish; closes the session when there were too many. */
  readonly countRefusal: (session: Session) => void
}

/** How an operation is called once its name and access are checked; its schema has checked the types. */
type AnyHandler = (request: unknown, context: RequestContext) => Promise<unknown>

/** In place of an outcome: the request was not carried out, because nobody would receive the secret in its reply. */
const unheard = Symbol('unheard')
const maxWaiting = 16
/** A client that sends more requests than may wait is told so this often in a second, and no more: each answer would take time from the others. */
const toldPerSecond = 50
/** A refused request counts as much work as a report of this many values: a client that sends nothing else is read at a twentieth of its pace. */
const valuesOfRefusal = 430

/**
 * Answers requests, each once and one after another within a session, to the asking connection alone, in the way in which it came. Whatever goes wrong
 * in a handler is answered 5000, with a reference that stands in the log, or 'database busy' while another process locks it.
 */
export function createRequestRouter({
  handlers,
  events,
  locale,
  timeoutMs,
  requestLimits,
  now,
  become,
  mayHold,
  mayStillAct,
  countRefusal,
}: RequestRouterOptions) {
  const told = createWindowedCounts(1000, now)
  const queues = new WeakMap<Session, { waiting: number; last: Promise<void> }>()

  function take(session: Session, body: Uint8Array, way: RequestWay): void {
    session.lastRequestAtMs = now()
    const queue = queues.get(session) ?? { waiting: 0, last: Promise.resolve() }
    queues.set(session, queue)
    if (queue.waiting >= maxWaiting) {
      if (way.isAwaited || told.add(session.client.id) <= toldPerSecond)
        reply(session, way, now(), way.read(body), refuse(4029, { retryAfterSeconds: 1 }))
      return
    }
    queue.waiting++
    queue.last = queue.last.then(() => answer(session, body, way)).finally(() => queue.waiting--)
  }

  async function answer(session: Session, body: Uint8Array, way: RequestWay): Promise<void> {
    const startedAtMs = now()
    const asked = way.read(body)
    const { operation, id, request } = asked
    let outcome: unknown
    try {
      const isHeard = () => way.hears(session, operation)
      outcome = isRefusal(request) ? request : await perform(session, operation, request, isHeard)
    } catch (cause) {
      outcome = cause instanceof DatabaseBusy ? refuse(5000, { detail: 'database busy' }) : failed(operation, cause)
    }
    if (outcome === unheard) refuseUnheard(session, topics.request(session.clientId, operation), id)
    else reply(session, way, startedAtMs, asked, outcome)
  }

  function failed(operation: string, cause: unknown): Refusal<5000> {
    const ref = randomBytes(4).toString('hex')
    events.emit('fault', { where: `request ${operationNamed(operation) ? operation : 'unknown'}`, ref, cause })
    return refuse(5000, { ref })
  }

  async function perform(session: Session, name: string, request: object, isHeard: () => boolean): Promise<unknown> {
    const operation = operationNamed(name)
    const tooMany = requestLimits.count(session, isOperationName(name) ? name : 'unknown')
    if (tooMany) return tooMany
    if (!operation || !isOperationName(name)) return refuse(4004)
    const { principal } = session
    if (!operation.access.some(kind => kind === principal.kind)) return refuse(4003)
    if (operation.handsOutSecret && !isHeard()) return unheard
    if (session.client.closed && !(await mayStillAct(principal))) return refuse(4003)
    const parsed = operation.request.safeParse(request)
    if (!parsed.success) return malformed(operation, request, parsed.error.issues[0])
    let answered = false
    const context: RequestContext = {
      ...originOf(session),
      mayHold: account => mayHold(session, account),
      become: next => (answered ? 'too-late' : become(session, next)),
    }
    const answering = (handlers[name] as AnyHandler)(parsed.data, context)
    return withDeadline(answering, timeoutMs, `not answered within ${timeoutMs} ms`).finally(() => {
      answered = true
    })
  }

  /** A request that is not carried out is a refused publish: there is no reply that could say so. */
  function refuseUnheard(session: Session, topic: string, id: string | undefined): void {
    const rule = 'reply-unheard'
    events.emit('publish-refused', { ...originOf(session), topic, rule })
    notify(session, 'denied', {
      ...(id !== undefined && { id }),
      topic,
      code: 4003,
      msg: messageOf(4003, session.locale ?? locale, rule),
      rule,
    })
    countRefusal(session)
  }

  function reply(
    session: Session,
    way: RequestWay,
    startedAtMs: number,
    { operation, id }: Asked,
    outcome: unknown,
  ): void {
    const refusal = isRefusal(outcome) ? outcome : undefined
    const code: Code = refusal?.refused ?? 0
    const body: Reply = {
      ...(id === undefined ? {} : { id }),
      code,
      msg: messageOf(code, session.locale ?? locale, refusal?.detail ?? refusal?.ref),
      data: refusal ? dataOf(refusal) : outcome,
    }
    if (refusal) session.stream.tookWork(valuesOfRefusal)
    const isSent = way.reply(session, operation, body)
    events.emit('request-answered', {
      ...originOf(session),
      operation,
      code,
      ...(refusal?.detail !== undefined && { reason: refusal.detail }),
      ...(refusal?.ref !== undefined && { ref: refusal.ref }),
      ...(!isSent && { unheard: true }),
      durationMs: now() - startedAtMs,
    })
  }

  return {
    /** Takes a request that came on the topic of `operation`; never throws and never waits. */
    take: (session: Session, operation: string, body: Uint8Array): void => take(session, body, byTopic(operation)),
    /** The same for one that came as authentication. */
    authenticate: (session: Session, body: Uint8Array): void => take(session, body, byAuthentication),
  }
}

const dataOf = (refusal: Refusal) =>
  refusal.retryAfterSeconds === undefined ? null : { retryAfter: refusal.retryAfterSeconds }

/** Names the first field at fault; a missing field may have a code of its own. */
function malformed(
  operation: Operation,
  request: object,
  issue: (ValueIssue & { readonly path: PropertyKey[] }) | undefined,
): Refusal {
  const field = String(issue?.path[0] ?? 'body')
  const missing = isJsonObject(request) && !Object.hasOwn(request, field)
  return missing
    ? refuse(operation.missing ?? 4000, { detail: `${field}: missing` })
    : refuse(4000, { detail: `${issue?.path.join('.') ?? field}: ${issue ? ruleOfIssue(issue) : 'malformed'}` })
}
