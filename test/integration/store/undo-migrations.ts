import { Database } from '../../../src/sqlite/sqlite.ts'

/** What each of the newest migrations made, taken away. */
const undoing: Readonly<Record<string, string>> = {
  '0010-folded-names': 'drop index account_folded; alter table account drop column folded',
  '0011-labels': 'alter table device drop column label_hash; alter table device drop column claim_until_ms',
  '0012-history-aggregates': `
    drop table history_hour;
    drop table history_day;
    alter table history_series drop column pruned_before_ms;
    alter table history_series drop column unfolded_from_ms;
    alter table history_series drop column unfolded_to_ms`,
  '0013-nodes-of-presence': 'alter table presence drop column node',
}

/** Brings a database back to what it was before migration `first`; it must not be open. */
export function undoMigrations(file: string, first: keyof typeof undoing): void {
  const sqlite = new Database(file)
  for (const [name, sql] of Object.entries(undoing)) if (name >= first) sqlite.exec(sql)
  sqlite.prepare('delete from kysely_migration where name >= ?').run(first)
  sqlite.close()
}
