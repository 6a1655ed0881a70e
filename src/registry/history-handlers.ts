import type { DeviceStore } from '../domain/device.ts'
import type { HistoryStore } from '../domain/history.ts'
import { refuse } from '../domain/refusal.ts'
import type { Handlers } from '../domain/request.ts'
import { isRecorded } from './history-properties.ts'
import type { ThingModels } from './thing-models.ts'

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById' | 'membersOf'>
  readonly history: Pick<HistoryStore, 'read'>
  readonly models: ThingModels
}

/** Answers any member of a device what its properties were. */
export function createHistoryHandlers({ store, history, models }: Options): Handlers<'device/history'> {
  return {
    async 'device/history'({ deviceId, property, from, to, points }, { principal: { userId } }) {
      const [device, members] = await Promise.all([store.deviceById(deviceId), store.membersOf(deviceId)])
      if (!device || !members.some(member => member.userId === userId)) return refuse(2001)
      if (from >= to) return refuse(4000, { detail: 'from: must be before to' })
      const model = models.get(device.type)?.model
      if (!model || !Object.hasOwn(model.properties, property))
        return refuse(4000, { detail: `property: ${device.type} has no such property` })
      if (!isRecorded(model, property))
        return refuse(4000, { detail: 'property: only numbers and booleans are recorded' })
      const bucketMs = Math.ceil((to - from) / points)
      const { before, buckets } = await history.read({ deviceId, property, fromMs: from, toMs: to, bucketMs })
      return {
        samples: buckets.map(({ startMs, ...values }) => ({ at: startMs, ...values })),
        ...(before !== undefined && { before }),
      }
    },
  }
}
