import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/network/free-port.ts'
import type { Peer } from './peer.ts'
import { brokerCore, pin } from './pin.ts'

const program = '/usr/sbin/mosquitto'
const password = 'bench'

/** What Debian's mosquitto calls itself, such as `mosquitto version 2.0.11`; undefined when it is not installed. */
export function mosquittoVersion(): string | undefined {
  try {
    return execFileSync(program, ['-h'], { encoding: 'utf8' }).split('\n')[0]
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? `${error.stdout}`.split('\n')[0] : ''
    return said?.startsWith('mosquitto') ? said : undefined
  }
}

interface Options {
  /** Asks each client for a password; anybody may connect otherwise. */
  readonly asksPassword?: boolean
  /** Keeps what is queued on disk, every `autosave_interval` of a second. */
  readonly persists?: boolean
}

/** Debian's mosquitto, without limits of its own on what is queued. */
export async function startMosquitto({ asksPassword = false, persists = false }: Options = {}): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-peer-'))
  const port = { tcp: await freePort(), ws: await freePort() }
  const users = join(folder, 'users')
  const file = join(folder, 'mosquitto.conf')
  const lines = [
    ...(process.getuid?.() === 0 ? ['user root'] : []), // or it gives up the rights to its own folder
    'per_listener_settings false',
    ...(asksPassword ? ['allow_anonymous false', `password_file ${users}`] : ['allow_anonymous true']),
    `listener ${port.tcp} 127.0.0.1`,
    `listener ${port.ws} 127.0.0.1`,
    'protocol websockets',
    'set_tcp_nodelay true',
    'max_queued_messages 0',
    'max_inflight_messages 100',
    ...(persists ? ['persistence true', `persistence_location ${folder}/`, 'autosave_interval 1'] : []),
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  if (asksPassword) execFileSync('mosquitto_passwd', ['-b', '-c', users, 'bench', password], { stdio: 'ignore' })
  const child = spawn(program, ['-c', file], { stdio: 'ignore', env: { ...process.env, HOME: folder } })
  const ended = once(child, 'exit')
  await untilListening(port.tcp)
  pin(child.pid ?? 0, brokerCore)
  return {
    name: 'mosquitto',
    pid: child.pid ?? 0,
    port,
    client: clientId => ({ clientId, ...(asksPassword && { username: 'bench', password }) }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function untilListening(port: number): Promise<void> {
  for (const endsAt = performance.now() + 10_000; performance.now() < endsAt; ) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`mosquitto does not listen on ${port}`)
}
