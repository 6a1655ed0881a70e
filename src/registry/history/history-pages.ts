import type { DeviceStore } from '../../domain/device.ts'
import type { HistoryStore } from '../../domain/history.ts'
import type { DataOf } from '../../protocol/operations.ts'

type Page = DataOf<'account/history'>

const rowsPerPage = 500

/** Reads the daily figures of an account's devices, a page at a time, by device, property and day, from the end of the page before. */
export const createHistoryPages =
  (store: Pick<DeviceStore, 'memberships'>, history: Pick<HistoryStore, 'days'>) =>
  async (userId: string, after = ''): Promise<Page> => {
    const [startId = '', property = '', day = ''] = after.split('/')
    const ids = (await store.memberships(userId)).map(({ device }) => device.id).sort()
    const days: Page['days'] = []
    for (const deviceId of ids.filter(id => id >= startId)) {
      const behind =
        deviceId === startId && property ? { property, dayMs: Number(day) || 0 } : { property: '', dayMs: 0 }
      const room = rowsPerPage - days.length
      const found = await history.days(deviceId, behind, room)
      for (const { dayMs, ...values } of found) days.push({ deviceId, day: dayMs, ...values })
      const last = found.at(-1)
      if (last && found.length === room) return { days, next: `${deviceId}/${last.property}/${last.dayMs}` }
    }
    return { days }
  }
