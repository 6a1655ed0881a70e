import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type DatabaseName, databases } from '../../data-folder/data-files.ts'
import { type Finding, ok, type Patient, problem, reasonOf } from './finding.ts'

/** Checks that the databases can be opened, are of this version or an older one, and are intact. Writes nothing. */
export const checkDatabases = (patient: Patient): Promise<Finding[]> =>
  Promise.all(Object.values(databases).map(name => checkDatabase(name, patient)))

async function checkDatabase(name: DatabaseName, { config: { dataDir }, probes }: Patient): Promise<Finding> {
  const file = join(dataDir, name)
  if (!existsSync(file)) return ok(name, 'not there yet: created at the first start')
  const advice = 'stop the broker and replace the file with a backup (docs/operators.md)'
  try {
    if (await probes.isNewer(file, name))
      return problem(
        name,
        'written by a newer version of this program, and cannot be used by this one',
        'run that version, or replace the data folder with a backup made before it (docs/operators.md)',
      )
    const verdict = await probes.checkDatabase(file)
    return verdict === 'ok' ? ok(name, 'intact') : problem(name, `damaged: ${verdict}`, advice)
  } catch (error) {
    return problem(name, `cannot be opened: ${reasonOf(error)}`, advice)
  }
}
