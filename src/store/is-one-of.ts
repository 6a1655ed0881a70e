import { sql } from 'kysely'

/** True of rows whose column holds one of `values`: one text of a statement, however many they are. */
export const isOneOf = (column: string, values: readonly string[]) =>
  sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`
