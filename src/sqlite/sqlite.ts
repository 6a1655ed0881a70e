import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'

export type Database = BetterSqlite3.Database
export type Statement<Parameters extends unknown[] = unknown[], Row = unknown> = BetterSqlite3.Statement<
  Parameters,
  Row
>

/** better-sqlite3 13 is built for this version of Node-API, which Node has since 22.14, and crashes with an earlier one. */
const neededNodeApi = 10

/**
 * The package for this version of Node. 12 aborts the process on Node 24.19 and later when a statement is garbage-collected
 * (WiseLibs/better-sqlite3#1515); 13 does not run on Node before 22.14. Their interface and their files are the same.
 */
export const sqlitePackage = (nodeApi: string): string =>
  Number(nodeApi) >= neededNodeApi ? 'better-sqlite3-napi' : 'better-sqlite3'

const load = createRequire(import.meta.url)

/** better-sqlite3's `Database`. */
export const Database: typeof BetterSqlite3 = load(sqlitePackage(process.versions.napi ?? '0'))
