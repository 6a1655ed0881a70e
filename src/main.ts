#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProgram } from './cli/program.ts'
import { registerStart } from './cli/start.ts'
import { openBackend } from './open-backend.ts'
import { packageRoot } from './package-root.ts'

const root = packageRoot()
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

const stopSignal = () =>
  new Promise<string>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })

const program = createProgram({
  env: process.env,
  configDir: join(root, 'config'),
  version,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  openBackend: config => openBackend(config),
  registerStart: registerStart({ stopSignal }, version),
})

process.exitCode = await program.run(process.argv.slice(2))
