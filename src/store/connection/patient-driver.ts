import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import type { Database, Statement } from '../../sqlite/sqlite.ts'
import type { LockLine } from './lock-line.ts'

const maxStatements = 500
const isRead = /^\s*(select|with|pragma)\b/i

/**
 * A driver for Kysely on one connection. It differs from Kysely's own in three ways: a statement is prepared once, not for every query; a transaction
 * takes the write lock when it begins, so that what it reads is still true when it writes; and waiting for locks happens only in `line`.
 */
export function createPatientDriver(sqlite: Database, line: LockLine): Driver {
  const statements = new Map<string, Statement>()
  const idle: DatabaseConnection[] = []

  function prepared(text: string): Statement {
    const known = statements.get(text)
    if (known) return known
    if (statements.size >= maxStatements) statements.clear()
    const statement = sqlite.prepare<unknown[]>(text)
    statements.set(text, statement)
    return statement
  }

  function execute<Row>({ sql, parameters }: CompiledQuery): QueryResult<Row> {
    const statement = prepared(sql)
    if (statement.reader) return { rows: statement.all(...parameters) as Row[] }
    const { changes, lastInsertRowid } = statement.run(...parameters)
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
  }

  function connect(): DatabaseConnection {
    const connection: DatabaseConnection = {
      executeQuery: <Row>(query: CompiledQuery) =>
        line.run(connection, () => execute<Row>(query), !isRead.test(query.sql)),
      streamQuery() {
        throw new Error('the database has no streams: read pages')
      },
    }
    return connection
  }

  return {
    init: async () => {},
    acquireConnection: async () => idle.pop() ?? connect(),
    beginTransaction: connection => line.begin(connection, () => void prepared('begin immediate').run()),
    async commitTransaction() {
      prepared('commit').run()
    },
    async rollbackTransaction() {
      // On a full disk SQLite has already rolled back; a second rollback would fail and hide the reason.
      if (sqlite.inTransaction) prepared('rollback').run()
    },
    async releaseConnection(connection) {
      line.end(connection)
      idle.push(connection)
    },
    async destroy() {
      line.close()
      sqlite.close()
    },
  }
}
