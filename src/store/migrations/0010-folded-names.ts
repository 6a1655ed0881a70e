import { type Kysely, type Migration, sql } from 'kysely'

/** As `foldUsername` was when names were folded first: what is in the database must not change with it. */
const fold = (name: string): string =>
  name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')

interface Named {
  readonly account: { readonly id: string; readonly username: string; created_at_ms: number; folded: string | null }
}

/** One name for NFKC and case. Of accounts whose names are one already the oldest has it, and the others keep their own spelling alone. */
export const foldedNames: Migration = {
  async up(db: Kysely<Named>) {
    await db.schema.alterTable('account').addColumn('folded', 'text').execute()
    const accounts = await db
      .selectFrom('account')
      .select(['id', 'username'])
      .orderBy('created_at_ms')
      .orderBy('id')
      .execute()
    const given = new Set<string>()
    for (const { id, username } of accounts) {
      const folded = fold(username)
      if (given.has(folded)) continue
      given.add(folded)
      await db.updateTable('account').set({ folded }).where('id', '=', id).execute()
    }
    await sql`create unique index account_folded on account (folded)`.execute(db)
  },
}
