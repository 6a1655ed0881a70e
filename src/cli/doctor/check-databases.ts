import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type DatabaseName, databases } from '../../data-folder/data-files.ts'
import { type Finding, ok, type Patient, problem, reasonOf } from './finding.ts'

/** Whether the databases can be opened, are of this version or an older one, and whole. Nothing is written to them. */
export const checkDatabases = (patient: Patient): Promise<Finding[]> =>
  Promise.all(Object.values(databases).map(name => checkDatabase(name, patient)))

async function checkDatabase(name: DatabaseName, { config: { dataDir }, probes }: Patient): Promise<Finding> {
  const file = join(dataDir, name)
  if (!existsSync(file)) return ok(name, 'not there yet: made at the first start')
  const advice = 'stop the broker, and put a backup in its place (docs/operators.md)'
  try {
    if (await probes.isNewer(file, name))
      return problem(
        name,
        'written by a newer version of this program: a newer data folder cannot go back',
        'run that version, or put a backup from before it in place of the data folder (docs/operators.md)',
      )
    const verdict = await probes.checkDatabase(file)
    return verdict === 'ok' ? ok(name, 'whole') : problem(name, `damaged: ${verdict}`, advice)
  } catch (error) {
    return problem(name, `cannot be opened: ${reasonOf(error)}`, advice)
  }
}
