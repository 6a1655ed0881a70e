import type { Compilable, Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/**
 * Reads the rows that a query gives for an id, which is the query's only value. The query is made and compiled once: for what every connection looks up
 * that would take longer than SQLite takes to answer. Throws when the query has more values.
 */
export function createRowsById<Row>(
  db: Kysely<Tables>,
  queryOf: (id: string) => Compilable<Row>,
): (id: string) => Promise<readonly Row[]> {
  const compiled = queryOf('').compile()
  if (compiled.parameters.length !== 1) throw new TypeError(`a query with more values than an id: ${compiled.sql}`)
  return async id => (await db.executeQuery<Row>({ ...compiled, parameters: [id] })).rows
}
