import { randomBytes } from 'node:crypto'
import type { AccountStore } from '../../domain/account.ts'
import type { Events } from '../../domain/events.ts'
import { originOf } from '../../domain/origin.ts'
import { isRefusal, type Refusal, refuse } from '../../domain/refusal.ts'
import type { Handlers } from '../../domain/request.ts'
import type { RequestOf } from '../../protocol/operations.ts'
import { topics } from '../../protocol/topics.ts'
import { maxTraces, type Traced, type Traces } from './create-traces.ts'

interface Options {
  readonly traces: Traces
  readonly accounts: Pick<AccountStore, 'accountByUsername'>
  readonly events: Events
}

/** Lets operators start a trace. */
export function createTraceOperation({ traces, accounts, events }: Options): Handlers<'ops/trace'> {
  async function whoIsTraced({ client, user, device }: RequestOf<'ops/trace'>): Promise<Traced | Refusal<3001 | 4000>> {
    const named = [client, user, device].filter(name => name !== undefined)
    if (named.length !== 1) return refuse(4000, { detail: 'give one of client, user, device' })
    if (client !== undefined) return { kind: 'client', id: client }
    if (device !== undefined) return { kind: 'device', id: device }
    const account = await accounts.accountByUsername(user ?? '')
    return account ? { kind: 'user', id: account.id } : refuse(3001, { detail: user ?? '' })
  }

  return {
    async 'ops/trace'(request, context) {
      const traced = await whoIsTraced(request)
      if (isRefusal(traced)) return traced
      const id = randomBytes(6).toString('hex')
      const until = traces.start(id, traced, request.minutes)
      if (until === 'too-many') return refuse(4029, { detail: `${maxTraces} traces`, retryAfterSeconds: 60 })
      events.emit('acted', { ...originOf(context), kind: 'trace', target: traced, detail: `${request.minutes} min` })
      return { id, topic: topics.trace(id), until }
    },
  }
}
