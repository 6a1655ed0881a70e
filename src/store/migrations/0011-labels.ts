import { type Migration, sql } from 'kysely'

/** The code of a device's label outlives its use, so that a device that nobody owns any more can be added by it again. */
export const labels: Migration = {
  async up(db) {
    await db.schema.alterTable('device').addColumn('label_hash', 'text').execute()
    await db.schema.alterTable('device').addColumn('claim_until_ms', 'bigint').execute()
    await sql`update device set label_hash = claim_hash`.execute(db)
  },
}
