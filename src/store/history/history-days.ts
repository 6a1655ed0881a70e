import type { Kysely } from 'kysely'
import type { HistoryStore } from '../../domain/history.ts'
import type { Tables } from '../tables.ts'
import { dayMs } from './levels.ts'

/** The part of {@link HistoryStore} that lists days, a page at a time. */
export const createHistoryDays = (db: Kysely<Tables>): Pick<HistoryStore, 'days'> => ({
  async days(deviceId, after, atMost) {
    const rows = await db
      .selectFrom('history_series')
      .innerJoin('history_day', 'history_day.series_id', 'history_series.id')
      .select(['property', 'day', 'lowest', 'highest', 'total', 'samples', 'rise'])
      .where('device_id', '=', deviceId)
      .where(({ eb, or, and }) =>
        or([
          eb('property', '>', after.property),
          and([eb('property', '=', after.property), eb('day', '>', Math.floor(after.dayMs / dayMs))]),
        ]),
      )
      .orderBy('property')
      .orderBy('day')
      .limit(atMost)
      .execute()
    return rows.map(({ property, day, lowest, highest, total, samples, rise }) => ({
      property,
      dayMs: day * dayMs,
      min: lowest,
      max: highest,
      avg: total / samples,
      rise,
    }))
  },
})
