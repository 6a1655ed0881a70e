import { existsSync } from 'node:fs'
import { pathsIn } from '../../data-folder/data-files.ts'
import { firstWarningMs } from '../../domain/token-warnings.ts'
import { type Finding, ok, type Patient, reasonOf, warning } from './finding.ts'

const check = 'tokens'
const dayMs = 86_400_000

/** Whether the token of an integration ends within two weeks, which somebody has to change by hand. */
export async function checkTokens({ config: { dataDir }, probes, nowMs }: Patient): Promise<Finding[]> {
  const file = pathsIn(dataDir).accounts
  if (!existsSync(file)) return []
  try {
    const ending = await probes.endingTokens(file, nowMs, nowMs + firstWarningMs)
    if (ending.length === 0) return [ok(check, 'none of an integration ends within 14 days')]
    return ending.map(({ service, tokenId, expiresAtMs }) =>
      warning(
        check,
        `that of ${service} (${tokenId}) ends in ${Math.floor((expiresAtMs - nowMs) / dayMs)} days, ${new Date(expiresAtMs).toISOString()}`,
        'latchkey token rotate makes another and keeps this one good for a week; latchkey token revoke ID if nothing uses it',
      ),
    )
  } catch (error) {
    return [ok(check, `not looked at: ${reasonOf(error)}`)]
  }
}
