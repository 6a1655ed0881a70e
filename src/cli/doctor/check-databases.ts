import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, ok, type Patient, problem, reasonOf } from './finding.ts'

/** Whether the databases can be opened, and are whole. Nothing is written to them. */
export const checkDatabases = (patient: Patient): Promise<Finding[]> =>
  Promise.all(['latchkey.db', 'mqtt.db'].map(name => checkDatabase(name, patient)))

async function checkDatabase(name: string, { config: { dataDir }, probes }: Patient): Promise<Finding> {
  const file = join(dataDir, name)
  if (!existsSync(file)) return ok(name, 'not there yet: made at the first start')
  const advice = 'stop the broker, and put a backup in its place (docs/operators.md)'
  try {
    const verdict = await probes.checkDatabase(file)
    return verdict === 'ok' ? ok(name, 'whole') : problem(name, `damaged: ${verdict}`, advice)
  } catch (error) {
    return problem(name, `cannot be opened: ${reasonOf(error)}`, advice)
  }
}
