import { type Kysely, type Migration, SqliteAdapter, sql } from 'kysely'

/**
 * What devices reported over time. A series is one property of one device as one owner has it: releasing the device leaves it without a
 * device. A block is what the samples of five minutes come to, so that a long range is read without reading all of them.
 */
export const history: Migration = {
  async up(db) {
    await db.schema
      .alterTable('device')
      .addColumn('history_from_ms', 'bigint', column => column.notNull().defaultTo(0))
      .execute()

    await db.schema
      .createTable('history_series')
      .addColumn('id', 'integer', column => column.primaryKey())
      .addColumn('device_id', 'text', column => column.references('device.id').onDelete('set null'))
      .addColumn('property', 'text', column => column.notNull())
      .addUniqueConstraint('history_series_of', ['device_id', 'property'])
      .execute()

    await db.schema
      .createTable('history_sample')
      .addColumn('series_id', 'integer', column => column.notNull().references('history_series.id'))
      .addColumn('at_ms', 'bigint', column => column.notNull())
      .addColumn('value', 'double precision', column => column.notNull())
      .addPrimaryKeyConstraint('history_sample_key', ['series_id', 'at_ms'])
      .modifyEnd(clustered(db))
      .execute()

    await db.schema
      .createTable('history_block')
      .addColumn('series_id', 'integer', column => column.notNull().references('history_series.id'))
      .addColumn('block', 'bigint', column => column.notNull())
      .addColumn('samples', 'integer', column => column.notNull())
      .addColumn('total', 'double precision', column => column.notNull())
      .addColumn('lowest', 'double precision', column => column.notNull())
      .addColumn('highest', 'double precision', column => column.notNull())
      .addPrimaryKeyConstraint('history_block_key', ['series_id', 'block'])
      .modifyEnd(clustered(db))
      .execute()
  },
}

/** SQLite keeps the rows in the primary key itself when it is told to: half the size, and no second look-up. */
const clustered = (db: Kysely<unknown>) =>
  db.getExecutor().adapter instanceof SqliteAdapter ? sql`without rowid` : sql``
