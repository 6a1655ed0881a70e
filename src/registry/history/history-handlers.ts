import type { DeviceStore } from '../../domain/device.ts'
import type { HistoryStore } from '../../domain/history.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Handlers } from '../../domain/request.ts'
import { type Scheduler, systemScheduler } from '../scheduler.ts'
import type { ThingModels } from '../types/thing-models.ts'
import { createHistoryLimits, type HistoryLimits } from './history-limits.ts'
import { isRecorded } from './history-properties.ts'

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById' | 'membersOf'>
  readonly history: Pick<HistoryStore, 'read'>
  readonly models: ThingModels
  readonly limits?: HistoryLimits
  readonly scheduler?: Pick<Scheduler, 'soon'>
}

/** Answers any member of a device what its properties were. */
export function createHistoryHandlers({
  store,
  history,
  models,
  limits = createHistoryLimits(),
  scheduler = systemScheduler,
}: Options): Handlers<'device/history'> {
  let lastRead: Promise<unknown> = Promise.resolve()
  const nextTurn = () => new Promise<void>(resolve => scheduler.soon(resolve))

  /** One after another, whoever asks: reading holds the event loop up, so between two of them messages go on. */
  const read: typeof history.read = question => {
    const answer = lastRead.then(() => history.read(question))
    lastRead = answer.then(nextTurn, nextTurn)
    return answer
  }

  return {
    async 'device/history'({ deviceId, property, from, to, points }, { principal: { userId } }) {
      const limited = await limits.spend(userId)
      if (limited) return limited
      const [device, members] = await Promise.all([store.deviceById(deviceId), store.membersOf(deviceId)])
      if (!device || !members.some(member => member.userId === userId)) return refuse(2001)
      if (from >= to) return refuse(4000, { detail: 'from: must be before to' })
      const model = models.get(device.type)?.model
      if (!model || !Object.hasOwn(model.properties, property))
        return refuse(4000, { detail: `property: ${device.type} has no such property` })
      if (!isRecorded(model, property))
        return refuse(4000, { detail: 'property: only numbers and booleans are recorded' })
      const bucketMs = Math.ceil((to - from) / points)
      const { before, buckets } = await read({ deviceId, property, fromMs: from, toMs: to, bucketMs })
      return {
        samples: buckets.map(({ startMs, ...values }) => ({ at: startMs, ...values })),
        ...(before !== undefined && { before }),
      }
    },
  }
}
