import type { Finding } from '../../../src/cli/doctor/finding.ts'
import type { RunningApp } from '../start-app.ts'
import { runCommand } from './run-command.ts'

/** What the doctor says of the machine, with the ports of the running broker unless told otherwise. */
export async function examine(running: RunningApp, env: Record<string, string> = {}) {
  const { mqtt, http } = running.app.ports
  const ports = { LATCHKEY_MQTT_PORT: `${mqtt}`, LATCHKEY_HTTP_PORT: `${http}` }
  const { exitCode, stdout, stderr } = await runCommand(running, ['doctor', '--json'], { env: { ...ports, ...env } })
  const { ok, checks }: { ok: boolean; checks: Finding[] } = JSON.parse(stdout || '{"checks":[]}')
  const of = (check: string) => checks.filter(finding => finding.check === check)
  return { exitCode, stderr, ok, checks, of }
}
