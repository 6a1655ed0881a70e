import type { DeviceStore } from '../../domain/device.ts'
import type { HistoryStore } from '../../domain/history.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Handlers } from '../../domain/request.ts'
import type { AttemptLimit } from '../../limits/attempt-limit.ts'
import { type Scheduler, systemScheduler } from '../scheduler.ts'
import type { ThingModels } from '../types/thing-models.ts'
import { createHistoryLimits } from './history-limits.ts'
import { createHistoryPages } from './history-pages.ts'
import { isRecorded } from './history-properties.ts'

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById' | 'membersOf' | 'memberships'>
  readonly history: Pick<HistoryStore, 'read' | 'rises' | 'days'>
  readonly models: ThingModels
  readonly limits?: Pick<AttemptLimit<string>, 'spend'>
  readonly scheduler?: Pick<Scheduler, 'soon'>
}

/** Answers every member of a device about past values of its properties. */
export function createHistoryHandlers({
  store,
  history,
  models,
  limits = createHistoryLimits(),
  scheduler = systemScheduler,
}: Options): Handlers<'device/history' | 'device/usage' | 'account/history'> {
  let lastRead: Promise<unknown> = Promise.resolve()
  const nextTurn = () => new Promise<void>(resolve => scheduler.soon(resolve))

  /** Answers one request after another, from all users: reading holds up the event loop, so messages get their turn in between. */
  function inTurn<T>(read: () => Promise<T>): Promise<T> {
    const answer = lastRead.then(read)
    lastRead = answer.then(nextTurn, nextTurn)
    return answer
  }

  /** Counts the request, and says why `userId` may not ask: too often, not a member of the device, or no such property. */
  async function refusal(userId: string, deviceId: string, property: string) {
    const limited = await limits.spend(userId)
    if (limited) return limited
    const [device, members] = await Promise.all([store.deviceById(deviceId), store.membersOf(deviceId)])
    if (!device || !members.some(member => member.userId === userId)) return refuse(2001)
    const model = models.get(device.type)?.model
    if (!model || !Object.hasOwn(model.properties, property))
      return refuse(4000, { detail: `property: ${device.type} has no such property` })
    return isRecorded(model, property)
      ? undefined
      : refuse(4000, { detail: 'property: only numbers and booleans are recorded' })
  }

  const pageOf = createHistoryPages(store, history)

  return {
    async 'device/history'({ deviceId, property, from, to, points }, { principal: { userId } }) {
      const refused = await refusal(userId, deviceId, property)
      if (refused) return refused
      if (from >= to) return refuse(4000, { detail: 'from: must be before to' })
      const bucketMs = Math.ceil((to - from) / points)
      const { before, buckets } = await inTurn(() =>
        history.read({ deviceId, property, fromMs: from, toMs: to, bucketMs }),
      )
      return {
        samples: buckets.map(({ startMs, ...values }) => ({ at: startMs, ...values })),
        ...(before !== undefined && { before }),
      }
    },

    async 'device/usage'({ deviceId, property, edges }, { principal: { userId } }) {
      const refused = await refusal(userId, deviceId, property)
      if (refused) return refused
      if (edges.some((edge, index) => edge <= (edges[index - 1] ?? -1)))
        return refuse(4000, { detail: 'edges: each must be later than the one before' })
      return { amounts: await inTurn(() => history.rises({ deviceId, property, edgesMs: edges })) }
    },

    async 'account/history'({ after }, { principal: { userId } }) {
      return (await limits.spend(userId)) ?? (await inTurn(() => pageOf(userId, after)))
    },
  }
}
