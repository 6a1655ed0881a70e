import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { databases, lastingKeys, pathsIn } from '../../data-folder/data-files.ts'
import { signingKeyNumber } from '../../data-folder/signing-key-files.ts'
import { codeOf } from '../../files/code-of.ts'
import { fileReason } from '../../files/file-reason.ts'
import { type Finding, ok, type Patient, problem, reasonOf, warning } from './finding.ts'

const check = 'keys'
/** Each is made once, with the database named or after it. A new key makes void what the old one stood for. */
const keptForGood = [
  { name: lastingKeys.productSecrets, since: databases.accounts, loss: 'all product secrets change' },
  { name: lastingKeys.wechatIdentity, since: databases.mqtt, loss: 'every WeChat user is unbound' },
] as const

/** Checks that this user, and nobody else, can read the keys of the data folder. */
export function checkKeys({ config: { dataDir, tokens } }: Patient): Finding[] {
  const folder = pathsIn(dataDir).keys
  let files: string[]
  try {
    files = readdirSync(folder).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [missing(dataDir, folder)]
    return [problem(check, reasonOf(error), `let the user that runs this read ${folder}`)]
  }
  const findings = files.flatMap(name => lookAtFile(join(folder, name)))
  const signing = files.filter(name => signingKeyNumber(tokens.algorithm, name) !== undefined)
  if (signing.length === 0)
    findings.push(
      warning(check, `no ${tokens.algorithm} key in ${folder}`, 'the next start creates one, and old tokens are void'),
    )
  for (const { name, since, loss } of keptForGood) {
    if (files.includes(name) || !existsSync(join(dataDir, since))) continue
    const advice = `restore it from a backup: otherwise the next start creates another, and ${loss}`
    findings.push(warning(check, `no ${name} in ${folder}`, advice))
  }
  return findings.length > 0 ? findings : [ok(check, `${signing.length} for signing, readable by this user alone`)]
}

function missing(dataDir: string, folder: string): Finding {
  if (!existsSync(pathsIn(dataDir).accounts)) return ok(check, 'none yet: created at the first start')
  const advice = 'restore them from a backup: without them tokens, product secrets and WeChat links are void'
  return problem(check, `${folder} is not there, but ${databases.accounts} is`, advice)
}

function lookAtFile(file: string): Finding[] {
  try {
    const content = readFileSync(file, 'utf8')
    if (file.endsWith('.pem')) createPrivateKey(content)
    else if (content.trim() === '') throw new Error('it is empty')
    else if (keptForGood.some(({ name }) => file.endsWith(name)) && !/^[\w-]{43}$/.test(content.trim()))
      throw new Error('it does not contain a key of 32 bytes in base64url')
    const others = statSync(file).mode & 0o077
    return others === 0 ? [] : [warning(check, `other users can read ${file}`, `chmod 600 ${file}`)]
  } catch (error) {
    return [problem(check, `${file} cannot be used: ${fileReason(error)}`, 'restore it from a backup')]
  }
}
