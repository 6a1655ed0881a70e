import { existsSync } from 'node:fs'
import { databases, pathsIn } from '../../data-folder/data-files.ts'
import { shownValue } from '../output/shown-value.ts'
import { type Finding, ok, type Patient, problem, reasonOf, warning } from './finding.ts'

const check = 'user names'
const maxShown = 5

/** Looks for user names of an earlier version that people would take for the same: `ann` and `ANN`. */
export async function checkNames({ config: { dataDir }, probes }: Patient): Promise<Finding> {
  const file = pathsIn(dataDir).accounts
  if (!existsSync(file)) return ok(check, 'none yet')
  try {
    const alike = await probes.namesAlike(file)
    if (alike.length === 0) return ok(check, 'no two are alike')
    const shown = alike.slice(0, maxShown).map(names => names.map(shownValue).join(' and '))
    return warning(
      check,
      `${shown.join('; ')}${alike.length > maxShown ? `; and ${alike.length - maxShown} more` : ''}: easily mistaken for each other`,
      'each signs in by its exact spelling, the oldest by any other spelling too. New names like these are refused. Ask the owners which to keep, and disable the others',
    )
  } catch (error) {
    return problem(check, `cannot be read: ${reasonOf(error)}`, `see ${databases.accounts} above`)
  }
}
