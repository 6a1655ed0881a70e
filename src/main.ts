#!/usr/bin/env node
import { join } from 'node:path'
import { doctorProbes } from './app/doctor-probes.ts'
import { packageRoot } from './app/package-root.ts'
import { packageVersion } from './app/package-version.ts'
import { auditedBackend } from './cli/audited-backend.ts'
import { localUser } from './cli/local-user.ts'
import { createProgram } from './cli/program.ts'
import { registerStart } from './cli/start/start.ts'

const version = packageVersion()

const stopSignal = () =>
  new Promise<string>(resolve => {
    // The listener stays: a second signal would end the process while it stops, and npm repeats a Ctrl-C.
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })

const by = localUser()
const onFault = (cause: unknown) =>
  void process.stderr.write(`warning: this is not on record in the audit trail: ${String(cause)}\n`)

const program = createProgram({
  env: process.env,
  configDir: join(packageRoot(), 'config'),
  version,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  // Loaded by the commands that need them: `latchkey --help` opens no database.
  openBackend: async config => {
    const { openBackend } = await import('./app/backend/open-backend.ts')
    return auditedBackend({ backend: await openBackend(config), by, now: Date.now, onFault })
  },
  untilStopped: stopSignal,
  doctorProbes,
  registerStart: registerStart(
    {
      stopSignal,
      onLevelSignal: listener => void process.on('SIGUSR2', listener),
      onReloadSignal: listener => void process.on('SIGHUP', listener),
    },
    version,
  ),
})

process.exitCode = await program.run(process.argv.slice(2))
