import { sql } from 'kysely'

/** True for rows whose column is one of `values`. The text of the statement is the same for any number of values. */
export const isOneOf = (column: string, values: readonly string[]) =>
  sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`
