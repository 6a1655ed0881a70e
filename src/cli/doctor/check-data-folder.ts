import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Finding, ok, type Patient, problem, reasonOf, warning } from './finding.ts'

const check = 'data folder'

/** Checks that the data folder can be written, by this user alone, and has space. */
export function checkDataFolder({ config: { dataDir, disk } }: Patient): Finding[] {
  const folder = resolve(dataDir)
  const there = existsSync(folder) ? folder : parentOf(folder)
  if (!statSync(there).isDirectory()) {
    return [problem(check, `${there} is a file, so ${folder} cannot be made`, 'set dataDir or LATCHKEY_DATA_DIR')]
  }
  const findings: Finding[] = []
  try {
    accessSync(there, constants.R_OK | constants.W_OK | constants.X_OK)
    if (there === folder && statSync(folder).mode & 0o077)
      findings.push(warning(check, `other users can read ${folder}`, `chmod 700 ${folder}`))
    else findings.push(ok(check, there === folder ? folder : `${folder}: created at the first start`))
  } catch (error) {
    findings.push(problem(check, reasonOf(error), `let the user that runs this read and write ${there}`))
  }
  const { bavail, bsize } = statfsSync(there)
  const free = `${Math.floor((bavail * bsize) / 2 ** 20)} MiB free`
  findings.push(
    bavail * bsize < disk.minFreeBytes
      ? problem(
          'disk',
          free,
          'free some space: a message that cannot be stored is not acknowledged (disk.minFreeBytes)',
        )
      : ok('disk', free),
  )
  return findings
}

function parentOf(folder: string): string {
  const parent = dirname(folder)
  return existsSync(parent) || parent === folder ? parent : parentOf(parent)
}
