import { existsSync } from 'node:fs'
import { pathsIn } from '../../data-folder/data-files.ts'
import { firstWarningMs } from '../../domain/token-warnings.ts'
import { type Finding, ok, type Patient, reasonOf, warning } from './finding.ts'

const check = 'tokens'
const dayMs = 86_400_000

/** Warns of tokens of integrations that expire within two weeks, and have to be replaced by hand. */
export async function checkTokens({ config: { dataDir }, probes, nowMs }: Patient): Promise<Finding[]> {
  const file = pathsIn(dataDir).accounts
  if (!existsSync(file)) return []
  try {
    const ending = await probes.endingTokens(file, nowMs, nowMs + firstWarningMs)
    if (ending.length === 0) return [ok(check, 'no token of an integration expires within 14 days')]
    return ending.map(({ service, tokenId, expiresAtMs }) =>
      warning(
        check,
        `the token of ${service} (${tokenId}) expires in ${Math.floor((expiresAtMs - nowMs) / dayMs)} days, ${new Date(expiresAtMs).toISOString()}`,
        'latchkey token rotate issues another and keeps this one valid for a week; latchkey token revoke ID if nothing uses it',
      ),
    )
  } catch (error) {
    return [ok(check, `not checked: ${reasonOf(error)}`)]
  }
}
