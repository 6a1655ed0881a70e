import type { Command } from 'commander'
import type * as z from 'zod'
import type { Config, ConfigOrigin } from '../config/config.ts'
import type { Backend } from './backend.ts'

/** stdout or stderr; `isTTY` when a person looks at it. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** stdin; `isTTY` when a person sits at it. */
export type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean }

/**
 * The answer of a command: `value` with --json, else `text`; or `refused`, one sentence. A `failed` answer is bad news, such as a list of
 * problems: the exit code is 1, and its text goes to stderr. `note` goes to stderr too, so that the text alone can be kept in a file.
 */
export type CommandAnswer =
  | { readonly value: unknown; readonly text: string; readonly note?: string; readonly failed?: true }
  | { readonly refused: string }

/** What every command may use. */
export interface CommandContext {
  readonly origin: ConfigOrigin
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly untilStopped: () => Promise<unknown>
  /** Warns once of unknown variables. Throws ConfigError. */
  loadConfig(): Config
  /** Opens the backend, and closes it whatever happens. */
  withBackend<T>(use: (backend: Backend) => Promise<T>): Promise<T>
  /** Prints an answer and remembers the exit code. */
  report(answer: CommandAnswer, asJson: boolean): void
}

/** Adds a group of commands to the program. */
export type RegisterCommands = (program: Command, context: CommandContext) => void

/** Gives `command` its --json option and its action, which reports what `give` answers. `schema` reads the options. */
export function answers<Options extends z.ZodType>(
  command: Command,
  context: CommandContext,
  schema: Options,
  give: (names: readonly string[], options: z.output<Options>) => Promise<CommandAnswer>,
): void {
  command.option('--json', 'print one JSON value')
  command.action(async () => {
    const options = command.opts()
    context.report(await give(command.args, schema.parse(options)), options.json === true)
  })
}
