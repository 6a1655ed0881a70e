import { type Kysely, type Migration, SqliteAdapter, sql } from 'kysely'

/**
 * What the samples of an hour and of a day (UTC) come to, kept for longer than the samples. Samples that are there already are folded in little by little, so that no start
 * waits for it: `unfolded_from_ms` to `unfolded_to_ms` is where a series has samples that no hour and no day knows of. From `pruned_before_ms` on it has all its samples.
 */
export const historyAggregates: Migration = {
  async up(db) {
    await db.schema
      .createTable('history_hour')
      .addColumn('series_id', 'integer', column => column.notNull().references('history_series.id'))
      .addColumn('hour', 'bigint', column => column.notNull())
      .addColumn('samples', 'integer', column => column.notNull())
      .addColumn('total', 'double precision', column => column.notNull())
      .addColumn('lowest', 'double precision', column => column.notNull())
      .addColumn('highest', 'double precision', column => column.notNull())
      .addColumn('rise', 'double precision', column => column.notNull())
      .addColumn('last', 'double precision', column => column.notNull())
      .addColumn('last_at_ms', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('history_hour_key', ['series_id', 'hour'])
      .modifyEnd(clustered(db))
      .execute()

    await db.schema
      .createTable('history_day')
      .addColumn('series_id', 'integer', column => column.notNull().references('history_series.id'))
      .addColumn('day', 'bigint', column => column.notNull())
      .addColumn('samples', 'integer', column => column.notNull())
      .addColumn('total', 'double precision', column => column.notNull())
      .addColumn('lowest', 'double precision', column => column.notNull())
      .addColumn('highest', 'double precision', column => column.notNull())
      .addColumn('rise', 'double precision', column => column.notNull())
      .addPrimaryKeyConstraint('history_day_key', ['series_id', 'day'])
      .modifyEnd(clustered(db))
      .execute()

    await db.schema
      .alterTable('history_series')
      .addColumn('pruned_before_ms', 'bigint', column => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('history_series').addColumn('unfolded_from_ms', 'bigint').execute()
    await db.schema.alterTable('history_series').addColumn('unfolded_to_ms', 'bigint').execute()
    await sql`
      update history_series set
        unfolded_from_ms = (select min(at_ms) from history_sample where series_id = history_series.id),
        unfolded_to_ms = (select max(at_ms) from history_sample where series_id = history_series.id)`.execute(db)
  },
}

/** As in 0005: the rows in the primary key itself. */
const clustered = (db: Kysely<unknown>) =>
  db.getExecutor().adapter instanceof SqliteAdapter ? sql`without rowid` : sql``
