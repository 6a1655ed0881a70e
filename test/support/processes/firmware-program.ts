import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

/** What a device is given. It keeps its secret in `folder`, and finds it there again. */
export interface FirmwareSettings {
  readonly port: number
  readonly folder: string
  /** Enrolls with them when there is no secret yet. */
  readonly serial?: string
  readonly productSecret?: string
  /** Registered by hand. */
  readonly registered?: { readonly id: string; readonly secret: string }
  /** File of the authority that the broker's certificate is checked against. */
  readonly ca?: string
}

interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Record<string, string>
}

/** One of the lamps of devices/firmware. */
export interface Firmware {
  readonly name: string
  /** What this machine lacks to run it, as Debian names it; undefined when nothing. */
  readonly missing: string | undefined
  /** Its secret is in the flash of a board, and it has a serial port. */
  readonly isBoard: boolean
  /** The file that holds id and secret, within the folder it was given. */
  readonly store: string
  /** Builds it into `folder`, when there is something to build, and resolves with how it is started. */
  build(folder: string): Promise<(settings: FirmwareSettings) => Promise<Launch>>
}

const root = join(import.meta.dirname, '../../../devices/firmware')
const sanitized = '-O1 -g -fsanitize=address'
const run = promisify(execFile)

const succeeds = (command: string, args: string[], input = ''): boolean =>
  spawnSync(command, args, { input, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0

/** The first Python that has paho: the one on the path may be somebody's own. */
const python = ['python3', '/usr/bin/python3'].find(command => succeeds(command, ['-c', 'import paho.mqtt.client']))
const compiles = (command: string, headers: readonly string[]): boolean =>
  succeeds(command, ['-E', '-'], headers.map(header => `#include <${header}>\n`).join('')) && succeeds('make', ['-v'])

/** What the two programs for Linux take, the same for both. */
async function options({ port, folder, serial, productSecret, registered, ca }: FirmwareSettings): Promise<string[]> {
  const [store, secretFile] = [join(folder, 'lamp.json'), join(folder, 'product.secret')]
  if (registered) await writeFile(store, JSON.stringify(registered), { mode: 0o600 })
  if (productSecret) await writeFile(secretFile, `${productSecret}\n`, { mode: 0o600 })
  const enrolls = productSecret && serial ? ['--serial', serial, '--product-secret', secretFile] : []
  return ['--host', '127.0.0.1', '--port', String(port), '--store', store, ...enrolls, ...(ca ? ['--ca', ca] : [])]
}

const inPython: Firmware = {
  name: 'python',
  missing: python ? undefined : 'python3-paho-mqtt',
  isBoard: false,
  store: 'lamp.json',
  build: async () => async settings => ({
    command: python ?? 'python3',
    args: ['-B', '-W', 'error', join(root, 'python', 'lamp.py'), ...(await options(settings))],
  }),
}

const inC: Firmware = {
  name: 'linux-c',
  missing: compiles('gcc', ['mosquitto.h', 'cjson/cJSON.h', 'openssl/hmac.h'])
    ? undefined
    : 'gcc make libmosquitto-dev libcjson-dev libssl-dev',
  isBoard: false,
  store: 'lamp.json',
  async build(folder) {
    const build = join(folder, 'linux-c')
    await run('make', ['-C', join(root, 'linux-c'), `BUILD=${build}`, `CFLAGS=${sanitized} -Werror`])
    return async settings => ({ command: join(build, 'lamp'), args: await options(settings) })
  },
}

/** A config.h that asks the environment, so that one build serves every test. */
const configHeader = `
#include <stdlib.h>
#define WIFI_SSID "a network"
#define WIFI_PASSWORD "a password"
#define LATCHKEY_HOST "127.0.0.1"
#define LATCHKEY_PORT static_cast<uint16_t>(atoi(getenv("LAMP_PORT")))
#define LATCHKEY_CA getenv("LAMP_CA")
#define LATCHKEY_DEVICE_ID getenv("LAMP_ID")
#define LATCHKEY_DEVICE_SECRET getenv("LAMP_SECRET")
#define LATCHKEY_SERIAL getenv("LAMP_SERIAL")
#define LATCHKEY_PRODUCT_SECRET getenv("LAMP_PRODUCT_SECRET")
#define NTP_SERVER "ntp.example"
#define LED_PIN 2
#define LED_LIT_BY_LOW 0
#define BUTTON_PIN 0
`

const onBoard = (board: 'ESP8266' | 'ESP32'): Firmware => ({
  name: board,
  missing: compiles('g++', ['mosquitto.h', 'openssl/hmac.h']) ? undefined : 'g++ make libmosquitto-dev libssl-dev',
  isBoard: true,
  store: board === 'ESP8266' ? 'latchkey' : 'latchkey.device',
  async build(folder) {
    const [build, config] = [join(folder, board), join(folder, `${board}.h`)]
    await writeFile(config, configHeader)
    const made = [`BOARD=${board}`, `BUILD=${build}`, `CONFIG=${config}`, `CXXFLAGS=${sanitized}`]
    await run('make', ['-C', join(root, 'arduino'), ...made])
    return async ({ port, folder: flash, serial = '', productSecret = '', registered, ca }) => ({
      command: join(build, 'lamp'),
      args: [],
      env: {
        HOST_FLASH: flash,
        HOST_BUTTON: join(flash, 'held'),
        LAMP_PORT: String(port),
        LAMP_ID: registered?.id ?? '',
        LAMP_SECRET: registered?.secret ?? '',
        LAMP_SERIAL: serial,
        LAMP_PRODUCT_SECRET: productSecret,
        ...(ca && { LAMP_CA: await readFile(ca, 'utf8') }),
      },
    })
  },
})

/** Every lamp of devices/firmware. The sketch runs over stand-ins of its libraries. */
export const firmwares: readonly Firmware[] = [inPython, inC, onBoard('ESP8266'), onBoard('ESP32')]

/** A lamp that runs. */
export interface RunningFirmware {
  /** Everything it printed so far. */
  readonly lines: readonly string[]
  /** The first line, from the `from`th on, that matches: printed already or yet to come. Rejects when the program ends before. */
  line(pattern: RegExp, from?: number): Promise<RegExpExecArray>
  /** Types on its serial port. */
  type(text: string): void
  /** Holds its button: SIGUSR1. */
  hold(): void
  /** Ends it by SIGTERM; resolves with its exit code, null when it has none. */
  end(): Promise<number | null>
}

/** Starts a lamp; it is ended with the test. */
export function startFirmware({ command, args, env }: Launch): RunningFirmware {
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  const exited = once(child, 'exit').then(([code]): number | null => code)
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream ?? process.stdin }).on('line', line => {
      lines.push(line)
      for (const check of waiting) check()
    })
  }
  const end = () => {
    child.kill('SIGTERM')
    return exited
  }
  onTestFinished(() => void end())
  return {
    lines,
    line: (pattern, from = 0) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.slice(from).map(line => pattern.exec(line))
          const first = found.find(match => match !== null)
          if (!first) return
          waiting.delete(check)
          resolve(first)
        }
        waiting.add(check)
        check()
        void exited.then(code => reject(new Error(`ended with ${code}; it printed:\n${lines.join('\n')}`)))
      }),
    hold: () => void child.kill('SIGUSR1'),
    type: text => void child.stdin?.write(text),
    end,
  }
}
