import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const program = join(import.meta.dirname, '../../dist/src/main.js')

/** The built program in a process of its own, on free ports. */
export interface LatchkeyProcess {
  readonly pid: number
  readonly ports: { readonly mqtt: number; readonly http: number; readonly mqtts?: number }
  readonly wsUrl: string
  readonly mqttUrl: string
  /** Runs one command on the same data folder and resolves with its JSON. Rejects with what it said when it is refused. */
  run(args: readonly string[], stdin?: string): Promise<Record<string, string>>
  /** Ends the broker with SIGTERM and resolves with the exit code. */
  stop(): Promise<number | null>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** Starts the broker on `dataDir` and waits for its `ready` line. Rejects when it ends before that. `extra` is added to the environment. */
export async function startLatchkey(dataDir: string, extra: NodeJS.ProcessEnv = {}): Promise<LatchkeyProcess> {
  const env = {
    ...process.env,
    NODE_ENV: 'development',
    LATCHKEY_DATA_DIR: dataDir,
    LATCHKEY_HOST: '127.0.0.1',
    LATCHKEY_MQTT_PORT: '0',
    LATCHKEY_HTTP_PORT: '0',
    LATCHKEY_LOCALE: process.env.LATCHKEY_LOCALE ?? 'zh-CN',
    ...extra,
  }
  const broker = spawn(process.execPath, [program, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<number | null>(resolve => broker.once('exit', resolve))
  const ports = await readyPorts(broker, exited)
  return {
    pid: broker.pid ?? 0,
    ports,
    wsUrl: `ws://127.0.0.1:${ports.http}/mqtt`,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    run: (args, stdin) => runCommand([...args, '--json'], env, stdin),
    async stop() {
      broker.kill('SIGTERM')
      return exited
    },
    async kill() {
      broker.kill('SIGKILL')
      await exited
    },
  }
}

function readyPorts(broker: ChildProcess, exited: Promise<number | null>): Promise<LatchkeyProcess['ports']> {
  const lines = createInterface({ input: broker.stdout ?? process.stdin })
  const ready = new Promise<LatchkeyProcess['ports']>(resolve => {
    lines.on('line', line => {
      const parsed = JSON.parse(line)
      if (parsed.event === 'ready') resolve(parsed.ports)
    })
  })
  const ended = exited.then(code => Promise.reject(new Error(`latchkey start ended with ${code} before it was ready`)))
  return Promise.race([ready, ended])
}

function runCommand(args: readonly string[], env: NodeJS.ProcessEnv, stdin = ''): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr || error.message))
      else resolve(JSON.parse(stdout))
    })
    child.stdin?.end(stdin)
  })
}
