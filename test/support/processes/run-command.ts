import { PassThrough } from 'node:stream'
import { openBackend } from '../../../src/app/backend/open-backend.ts'
import { doctorProbes } from '../../../src/app/doctor-probes.ts'
import { auditedBackend } from '../../../src/cli/audited-backend.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { cheapPasswords, type RunningApp } from '../start-app.ts'

interface RunOptions {
  /** What stdin holds. */
  readonly typed?: string
  readonly env?: Record<string, string>
  /** For a command that goes on until it is stopped: is given what was printed so far. */
  readonly untilStopped?: (out: { readonly stdout: string }) => Promise<unknown>
}

/** Runs `latchkey` on the data folder of `running`. */
export async function runCommand(
  running: RunningApp,
  args: readonly string[],
  { typed = '', env = {}, untilStopped = () => Promise.resolve() }: RunOptions = {},
) {
  const stdin = new PassThrough()
  stdin.end(typed)
  const out = { stdout: '', stderr: '' }
  const program = createProgram({
    env: {
      LATCHKEY_DATA_DIR: running.config.dataDir,
      NODE_ENV: 'test',
      LATCHKEY_WECHAT_STAND_IN: 'anybody',
      ...env,
    },
    configDir: 'config',
    version: '0',
    stdin,
    stdout: { write: (text: string) => (out.stdout += text) },
    stderr: { write: (text: string) => (out.stderr += text) },
    untilStopped: () => untilStopped(out),
    registerStart: () => {},
    doctorProbes,
    openBackend: async config =>
      auditedBackend({
        backend: await openBackend(config, { passwordCost: cheapPasswords }),
        by: 'smith',
        now: Date.now,
        onFault: cause => {
          out.stderr += String(cause)
        },
      }),
  })
  return { exitCode: await program.run(args), ...out }
}
