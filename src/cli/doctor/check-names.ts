import { existsSync } from 'node:fs'
import { databases, pathsIn } from '../../data-folder/data-files.ts'
import { shownValue } from '../output/shown-value.ts'
import { type Finding, ok, type Patient, problem, reasonOf, warning } from './finding.ts'

const check = 'user names'
const maxShown = 5

/** Whether accounts of an earlier version have names that are one name to people: `ann` and `ANN`. */
export async function checkNames({ config: { dataDir }, probes }: Patient): Promise<Finding> {
  const file = pathsIn(dataDir).accounts
  if (!existsSync(file)) return ok(check, 'none yet')
  try {
    const alike = await probes.namesAlike(file)
    if (alike.length === 0) return ok(check, 'no two are one name')
    const shown = alike.slice(0, maxShown).map(names => names.map(shownValue).join(' and '))
    return warning(
      check,
      `${shown.join('; ')}${alike.length > maxShown ? `; and ${alike.length - maxShown} more` : ''}: one name to people`,
      'each signs in by its exact spelling, the oldest by any other; no more such names can be made: ask their owners which to keep, and disable the others',
    )
  } catch (error) {
    return problem(check, `cannot be read: ${reasonOf(error)}`, `see ${databases.accounts} above`)
  }
}
