import { type Finding, ok, problem, warning } from './finding.ts'

const check = 'clock'
const warnMs = 30_000
const wrongMs = 120_000

/** Compares this machine's clock with the `Date` header of a server; tokens and enrollment depend on it. */
export function checkClock(
  nowMs: number,
  theirs: { readonly who: string; readonly dateMs: number } | undefined,
): Finding {
  if (!theirs) return ok(check, 'not compared: no server answered')
  const offMs = nowMs - theirs.dateMs
  const found = `${Math.round(Math.abs(offMs) / 1000)} s ${offMs < 0 ? 'behind' : 'ahead of'} that of ${theirs.who}`
  const advice = 'set it by NTP (timedatectl set-ntp true)'
  if (Math.abs(offMs) > wrongMs) return problem(check, found, advice)
  return Math.abs(offMs) > warnMs ? warning(check, found, advice) : ok(check, `agrees with that of ${theirs.who}`)
}
