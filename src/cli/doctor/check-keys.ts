import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, ok, type Patient, problem, reasonOf, warning } from './finding.ts'

const check = 'keys'

/** Whether the keys of the data folder can be read by this user, and by nobody else. */
export function checkKeys({ config: { dataDir, tokens } }: Patient): Finding[] {
  const folder = join(dataDir, 'keys')
  let files: string[]
  try {
    files = readdirSync(folder).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return [ok(check, 'none yet: made at the first start')]
    return [problem(check, reasonOf(error), `let the user that runs this read ${folder}`)]
  }
  const findings = files.flatMap(name => lookAtFile(join(folder, name)))
  const signing = files.filter(name => (tokens.algorithm === 'ES256' ? /^\d+\.pem$/ : /^\d+\.key$/).test(name))
  if (signing.length === 0)
    findings.push(
      warning(check, `no ${tokens.algorithm} key in ${folder}`, 'the next start makes one, and old tokens are void'),
    )
  return findings.length > 0 ? findings : [ok(check, `${signing.length} for signing, readable by this user alone`)]
}

function lookAtFile(file: string): Finding[] {
  try {
    const content = readFileSync(file, 'utf8')
    if (file.endsWith('.pem')) createPrivateKey(content)
    else if (content.trim() === '') throw new Error('it is empty')
    const others = statSync(file).mode & 0o077
    return others === 0 ? [] : [warning(check, `others may read ${file}`, `chmod 600 ${file}`)]
  } catch (error) {
    return [problem(check, `${file} cannot be used: ${reasonOf(error)}`, 'put it back from a backup')]
  }
}
