import type { Command } from 'commander'
import * as z from 'zod'
import { ConfigError, loadConfig } from '../../config/config.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { checkCertificate } from '../doctor/check-certificate.ts'
import { checkClock } from '../doctor/check-clock.ts'
import { checkDataFolder } from '../doctor/check-data-folder.ts'
import { checkDatabases } from '../doctor/check-databases.ts'
import { checkDescriptors } from '../doctor/check-descriptors.ts'
import { checkKeys } from '../doctor/check-keys.ts'
import { checkNames } from '../doctor/check-names.ts'
import { checkNode } from '../doctor/check-node.ts'
import { checkPorts } from '../doctor/check-ports.ts'
import { checkProxies } from '../doctor/check-proxies.ts'
import { checkPublicUrl } from '../doctor/check-public-url.ts'
import { checkTokens } from '../doctor/check-tokens.ts'
import { checkWechat } from '../doctor/check-wechat.ts'
import { type DoctorProbes, type Finding, ok, type Patient, problem, warning } from '../doctor/finding.ts'
import { alignColumns } from '../output/align-columns.ts'

/** `latchkey doctor`: checks everything that a broker on this machine needs, and says what to do. Changes nothing. */
export function registerDoctor(program: Command, context: CommandContext, probes: DoctorProbes): void {
  const command = program
    .command('doctor')
    .description('check everything that the broker needs on this machine, and say what to do')
  answers(command, context, z.object({}), async () => reportOf(await examine(context, probes)))
}

async function examine(context: CommandContext, probes: DoctorProbes): Promise<Finding[]> {
  const node = checkNode()
  try {
    const config = loadConfig(context.origin)
    return [
      node,
      ok('configuration', config.environment),
      ...config.unknownVariables.map(({ variable, nearest }) =>
        warning('environment', `${variable} is not a setting`, `did you mean ${nearest}?`),
      ),
      ...(await examineMachine({ config, probes, nowMs: Date.now() })),
    ]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const wrong = error.problems.map(({ key, source, message }) =>
      problem(
        'configuration',
        `${key} (${source}) ${message}`,
        'see docs/configuration.md; the other checks need a configuration',
      ),
    )
    return [node, ...wrong]
  }
}

async function examineMachine(patient: Patient): Promise<Finding[]> {
  const [wechat, ports] = await Promise.all([checkWechat(patient), checkPorts(patient)])
  const asked = [
    { who: "WeChat's server", dateMs: wechat.answer?.dateMs },
    { who: 'the running broker', dateMs: ports.dateMs },
  ]
  const [clock] = asked.flatMap(({ who, dateMs }) => (dateMs === undefined ? [] : [{ who, dateMs }]))
  return [
    ...checkDataFolder(patient),
    ...(await checkDatabases(patient)),
    await checkNames(patient),
    ...checkKeys(patient),
    ...(await checkTokens(patient)),
    ...checkCertificate(patient),
    ...ports.findings,
    checkDescriptors(patient),
    ...(await checkProxies(patient, ports.isRunning)),
    checkPublicUrl(patient),
    wechat.finding,
    checkClock(Date.now(), clock),
  ]
}

function reportOf(findings: readonly Finding[]): CommandAnswer {
  const isWell = findings.every(({ outcome }) => outcome !== 'problem')
  const lines = alignColumns(findings.map(({ outcome, check, found }) => [outcome, check, found])).split('\n')
  const text = findings.flatMap(({ advice }, i) => [lines[i] ?? '', ...(advice ? [`         → ${advice}`] : [])])
  return { value: { ok: isWell, checks: findings }, text: text.join('\n'), ...(!isWell && { failed: true }) }
}
