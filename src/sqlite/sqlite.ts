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
 * Which of the two packages this Node runs: 12 aborts the process on Node 24.19 and later as soon as a statement is collected as garbage
 * (WiseLibs/better-sqlite3#1515), 13 knows no Node before 22.14. Their interface is the same, and so are their files.
 */
export const sqlitePackage = (nodeApi: string): string =>
  Number(nodeApi) >= neededNodeApi ? 'better-sqlite3-napi' : 'better-sqlite3'

const load = createRequire(import.meta.url)

/** better-sqlite3's `Database`. */
export const Database: typeof BetterSqlite3 = load(sqlitePackage(process.versions.napi ?? '0'))
