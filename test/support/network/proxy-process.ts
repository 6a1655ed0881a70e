import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { packageRoot } from '../../../src/app/package-root.ts'
import { writeFiles } from '../write-files.ts'
import { freePort } from './free-port.ts'

/** A proxy that somebody else wrote, running as its example in deploy/ says. */
export interface ProxyProcess extends AsyncDisposable {
  /** Where it listens, in the order that was asked for. */
  readonly ports: readonly number[]
}

interface Options {
  readonly program: 'nginx' | 'haproxy' | 'caddy'
  /** The text of its configuration, for these ports and this folder. */
  readonly configOf: (ports: readonly number[], folder: string) => string
  readonly ports: number
  /** Other files of its folder. */
  readonly files?: Readonly<Record<string, string>>
}

const startMs = 10_000

/** True when the program is on this machine. */
export const hasProgram = (program: string): boolean => spawnSync(program, ['-v']).error === undefined

/** An example of deploy/, with each text on the left in place of that on the right. Throws for a text that is not there. */
export function exampleOf(name: string, replaced: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(packageRoot(), 'deploy', name), 'utf8')
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

/** Starts a proxy on free ports. */
export async function startProxy({ program, configOf, ports: count, files = {} }: Options): Promise<ProxyProcess> {
  const ports = await Promise.all(Array.from({ length: count }, freePort))
  const folder = await writeFiles(files)
  const config = folder.path(`${program}.conf`)
  await folder.write(`${program}.conf`, configOf(ports, folder.folder))
  const args = {
    nginx: ['-p', folder.folder, '-c', config, '-e', 'stderr'],
    haproxy: ['-db', '-f', config],
    caddy: ['run', '--adapter', 'caddyfile', '--config', config],
  }[program]
  // Caddy keeps what it knows below these.
  const env = { ...process.env, HOME: folder.folder, XDG_DATA_HOME: folder.folder, XDG_CONFIG_HOME: folder.folder }
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', text => {
    complaints += text
  })
  const dispose = async () => {
    if (child.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
    await folder[Symbol.asyncDispose]()
  }
  if (await isListening(child, ports)) return { ports, [Symbol.asyncDispose]: dispose }
  await dispose()
  throw new Error(`${program} does not listen: ${complaints}`)
}

async function isListening(child: ChildProcess, ports: readonly number[]): Promise<boolean> {
  for (const until = performance.now() + startMs; performance.now() < until && child.exitCode === null; ) {
    const open = await Promise.all(ports.map(isOpen))
    if (open.every(Boolean)) return true
    await setTimeout(20)
  }
  return false
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(true))
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
  })
