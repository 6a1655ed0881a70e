import { Command, CommanderError } from 'commander'
import { type Config, ConfigError, type ConfigOrigin, loadConfig, objectionTo } from '../config/config.ts'
import { fileProblem } from '../files/file-reason.ts'
import type { OpenBackend } from './backend.ts'
import type { CommandAnswer, CommandContext, Input, Output, RegisterCommands } from './command-context.ts'
import { registerAddressCommands } from './commands/address.ts'
import { registerAudit } from './commands/audit.ts'
import { registerBackup } from './commands/backup.ts'
import { registerCheckConfig } from './commands/check-config.ts'
import { registerDeviceCommands } from './commands/device.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerExplain } from './commands/explain.ts'
import { registerKeysCommands } from './commands/keys.ts'
import { registerLogs } from './commands/logs.ts'
import { registerProductCommands } from './commands/product.ts'
import { registerSessionCommands } from './commands/session.ts'
import { registerTokenCommands } from './commands/token.ts'
import { registerTrace } from './commands/trace.ts'
import { registerUserCommands } from './commands/user.ts'
import type { DoctorProbes } from './doctor/finding.ts'
import { secretArgument } from './input/secret-argument.ts'

/** 0 done, 1 refused or failed, 2 bad usage. */
export type ExitCode = 0 | 1 | 2

export interface ProgramOptions extends ConfigOrigin {
  readonly version: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly openBackend: OpenBackend
  /** Resolves when the process is asked to end. Commands that follow something run until then. */
  readonly untilStopped: () => Promise<unknown>
  readonly doctorProbes: DoctorProbes
  /** Adds `start`, which needs the whole application. */
  readonly registerStart: RegisterCommands
}

/** The command line. `run` takes the arguments after the program's name, prints, and resolves with the exit code. It never rejects. */
export interface Program {
  run(args: readonly string[]): Promise<ExitCode>
}

export function createProgram(options: ProgramOptions): Program {
  return { run: args => run(options, args) }
}

async function run(options: ProgramOptions, args: readonly string[]): Promise<ExitCode> {
  const { stdout, stderr } = options
  const beforeDashes = args.slice(0, args.includes('--') ? args.indexOf('--') : args.length)
  const asJson = beforeDashes.includes('--json')
  let exitCode: ExitCode = 0

  const tell = (kind: 'error' | 'warning', sentence: string) =>
    stderr.write(asJson ? `${JSON.stringify({ [kind]: sentence })}\n` : `${kind}: ${sentence}\n`)
  const complain = (sentence: string) => tell('error', sentence)
  const report = (answer: CommandAnswer, json: boolean) => {
    if ('refused' in answer) complain(answer.refused)
    else if (json) stdout.write(`${JSON.stringify(answer.value)}\n`)
    else {
      ;(answer.failed ? stderr : stdout).write(`${answer.text}\n`)
      if (answer.note !== undefined) stderr.write(`${answer.note}\n`)
    }
    exitCode = 'refused' in answer || answer.failed ? 1 : 0
  }

  const secret = secretArgument(args)
  if (secret !== undefined) {
    complain(secret)
    return 2
  }
  try {
    await createCommands(options, report, sentence => tell('warning', sentence)).parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      complain(sentenceOf(error))
      return 1
    }
    if (error.exitCode === 0) return 0
    if (error.code !== 'commander.help') complain(error.message.replace(/^error: /, ''))
    return 2
  }
}

function createCommands(
  options: ProgramOptions,
  report: CommandContext['report'],
  warn: (sentence: string) => void,
): Command {
  const { env, configDir, stdin, stdout, stderr, version, openBackend, untilStopped } = options
  const origin = { env, configDir }
  const program = new Command('latchkey')
    .description('MQTT broker with sign-in')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: text => stdout.write(text),
      writeErr: text => stderr.write(text),
      // `run` reports what is wrong with the arguments, once.
      outputError: () => {},
    })
  let config: Config | undefined
  const load = () => {
    if (config) return config
    config = loadConfig(origin)
    for (const unknown of config.unknownVariables) warn(`${unknown.variable} ${objectionTo(unknown)}`)
    return config
  }
  const context: CommandContext = {
    origin,
    stdin,
    stdout,
    stderr,
    report,
    untilStopped,
    loadConfig: load,
    async withBackend(use) {
      const backend = await openBackend(load())
      try {
        return await use(backend)
      } finally {
        await backend.close()
      }
    },
  }
  options.registerStart(program, context)
  registerCheckConfig(program, context)
  registerUserCommands(program, context)
  registerDeviceCommands(program, context)
  registerProductCommands(program, context)
  registerTokenCommands(program, context)
  registerKeysCommands(program, context)
  registerSessionCommands(program, context)
  registerAddressCommands(program, context)
  registerBackup(program, context)
  registerLogs(program, context)
  registerTrace(program, context)
  registerAudit(program, context)
  registerExplain(program, context)
  registerDoctor(program, context, options.doctorProbes)
  return program
}

function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError) return `the configuration cannot be used:\n${error.message}`
  return fileProblem(error) ?? (error instanceof Error ? error.message : String(error))
}
