import { spawn } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { packageRoot } from '../../../src/app/package-root.ts'
import { freePort } from '../network/free-port.ts'
import { writeFiles } from '../write-files.ts'

/** A server as docs/deploy.md makes it, as far as commands of root's see it: `latchkey`, `systemctl`, /var/lib/latchkey and /etc/latchkey. */
export interface ServerLab extends AsyncDisposable {
  readonly dataDir: string
  readonly etcDir: string
  readonly mqttUrl: string
  readonly wsUrl: string
  readonly mqttsPort: number
  /** Runs lines of a shell; `typed` is what a person would type. Resolves with what they print; rejects when one of them fails. */
  run(script: string, typed?: string): Promise<string>
}

interface Options {
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>
  /** Files of /etc/latchkey. */
  readonly files?: Readonly<Record<string, string>>
  /** Other commands that the lines use, by name: scripts of a shell. */
  readonly commands?: Readonly<Record<string, string>>
}

const program = join(packageRoot(), 'dist', 'src', 'main.js')
const deadlineSeconds = 60

/** Starts the built program as a service would. */
export async function startServerLab({ env = {}, files = {}, commands = {} }: Options = {}): Promise<ServerLab> {
  const lab = await writeFiles({})
  const [bin, dataDir, etcDir] = [lab.path('bin'), lab.path('data'), lab.path('etc')]
  const [log, pid] = [lab.path('log'), lab.path('pid')]
  await Promise.all([mkdir(bin), mkdir(etcDir)])
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(etcDir, name), content)))
  const scripts = { latchkey, systemctl: systemctl(log, pid), ...commands }
  for (const [name, content] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\nset -eu\n${content}`)
    await chmod(join(bin, name), 0o755)
  }
  const here = (said: string) => said.replaceAll('/var/lib/latchkey', dataDir).replaceAll('/etc/latchkey', etcDir)
  const [mqtt, http, mqtts, https] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const settings = {
    PATH: `${bin}:${process.env.PATH}`,
    ETC: etcDir,
    LATCHKEY_DATA_DIR: dataDir,
    LATCHKEY_MQTT_PORT: `${mqtt}`,
    LATCHKEY_HTTP_PORT: `${http}`,
    LATCHKEY_MQTTS_PORT: `${mqtts}`,
    LATCHKEY_HTTPS_PORT: `${https}`,
    LATCHKEY_LOCALE: 'en',
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, here(value)])),
  }
  async function run(script: string, typed = ''): Promise<string> {
    const shell = spawn('sh', ['-euc', here(script)], { env: settings })
    shell.stdin.on('error', () => {}).end(typed)
    const ended = new Promise<number | null>(resolve => shell.once('close', resolve))
    const [out, error] = await Promise.all([text(shell.stdout), text(shell.stderr)])
    if ((await ended) !== 0) throw new Error(`${script}\n${out}${error}${await readFile(log, 'utf8').catch(() => '')}`)
    return out
  }
  await run('systemctl start latchkey')
  return {
    dataDir,
    etcDir,
    mqttUrl: `mqtt://127.0.0.1:${mqtt}`,
    wsUrl: `ws://127.0.0.1:${http}/mqtt`,
    mqttsPort: mqtts,
    run,
    async [Symbol.asyncDispose]() {
      await run('systemctl stop latchkey')
      await lab[Symbol.asyncDispose]()
    },
  }
}

/** A person types a password at a terminal; here it comes by stdin. */
const latchkey = `case "$1 $2" in
  'user add' | 'user password') set -- "$@" --password-stdin ;;
esac
exec ${process.execPath} ${program} "$@"
`

const systemctl = (log: string, pid: string) => `case "$1" in
  start)
    : >${log}
    ${process.execPath} ${program} start >>${log} 2>&1 </dev/null &
    echo $! >${pid}
    timeout ${deadlineSeconds} sh -c 'until grep -q "\\"event\\":\\"ready\\"" ${log}; do sleep 0.05; done'
    ;;
  stop)
    kill -TERM "$(cat ${pid})" 2>/dev/null || exit 0
    timeout ${deadlineSeconds} sh -c 'while kill -0 "$(cat ${pid})" 2>/dev/null; do sleep 0.05; done'
    ;;
  reload) kill -HUP "$(cat ${pid})" ;;
esac
`
