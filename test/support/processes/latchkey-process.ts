import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'

const program = join(import.meta.dirname, '../../../dist/src/main.js')
const deadlineMs = 60_000

interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv
  /** The descriptor that becomes its stdout, in place of one that is read. */
  readonly stdout?: number
  /** Another user to run as. */
  readonly uid?: number
  /** How many descriptors it may have. */
  readonly descriptors?: number
  /** Run it at a terminal, whose lines go to `stdout`. Then `ended` is the end of the terminal. */
  readonly atTerminal?: boolean
}

/** How a process ended, and what it wrote. */
interface Ended {
  readonly exitCode: number | null
  readonly stderr: string
}

/** A line of the log, parsed. */
export interface LogLine {
  readonly event: string
  readonly time: string
  readonly ports: { readonly mqtt: number; readonly http: number; readonly mqtts: number; readonly https: number }
  readonly [field: string]: unknown
}

/** The built program in a process of its own, with a folder of its own; ended and removed by `await using`. */
export interface LatchkeyProcess extends AsyncDisposable {
  pid(): Promise<number>
  /** Is removed with the process; the data folder is `data` in it, when nothing else is asked for. */
  readonly folder: string
  readonly ended: Promise<Ended>
  signal(name: NodeJS.Signals): Promise<void>
  /** Resolves with the first line of this event, from its log file. */
  line(event: string): Promise<LogLine>
}

/** Runs `latchkey ARGS`, listening on free ports. Its log is written into files too. */
export async function startProcess(args: readonly string[], options: ProcessOptions = {}): Promise<LatchkeyProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-process-'))
  const logs = join(folder, 'logs')
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'development',
    LATCHKEY_DATA_DIR: join(folder, 'data'),
    LATCHKEY_MQTT_PORT: '0',
    LATCHKEY_HTTP_PORT: '0',
    LATCHKEY_HTTPS_PORT: '0',
    LATCHKEY_MQTTS_PORT: '0',
    LATCHKEY_LOG_LEVEL: 'debug',
    LATCHKEY_LOG_FILE: join(logs, 'latchkey.log'),
    ...options.env,
  }
  const pidFile = join(folder, 'pid')
  const command = `echo $$ > ${pidFile}; seq 20000 & exec ${process.execPath} ${program} ${args.join(' ')}`
  const [file, given] = options.atTerminal
    ? (['script', ['--quiet', '--flush', '--command', command, '/dev/null']] as const)
    : options.descriptors === undefined
      ? ([process.execPath, [program, ...args]] as const)
      : ([
          'sh',
          ['-c', `ulimit -n ${options.descriptors}; exec "$@"`, 'sh', process.execPath, program, ...args],
        ] as const)
  const child = spawn(file, given, {
    env,
    stdio: ['ignore', options.stdout ?? 'ignore', 'pipe'],
    ...(options.uid !== undefined && { uid: options.uid }),
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const stderr = child.stderr ? text(child.stderr) : ''
  const lines = async (): Promise<LogLine[]> => {
    const files = await readdir(logs).catch(() => [])
    const contents = await Promise.all(files.map(file => readFile(join(logs, file), 'utf8')))
    return contents.flatMap(content => content.split('\n').slice(0, -1).map(parse))
  }
  const pid = async () => (options.atTerminal ? Number(await readFile(pidFile, 'utf8')) : (child.pid ?? 0))
  return {
    pid,
    folder,
    ended: ended.then(async exitCode => ({ exitCode, stderr: await stderr })),
    signal: async name => void process.kill(await pid(), name),
    async line(event) {
      const find = async () => (await lines()).find(line => line.event === event)
      await expect.poll(find, { timeout: deadlineMs, message: `the line ${event}` }).toBeDefined()
      const found = await find()
      if (!found) throw new Error(`the line ${event} is gone`)
      return found
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const parse = (line: string): LogLine => JSON.parse(line)
