import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BuildFailed } from '../miniprogram/build/build-failed.ts'
import { buildMiniprogram } from '../miniprogram/build/build-miniprogram.ts'
import { parseServerAddress } from '../miniprogram/build/server-address.ts'

// npm run build:miniprogram -- [--server wss://mqtt.example.com/mqtt] [--appid wx…] [--app FOLDER] [--out FOLDER]
const root = join(import.meta.dirname, '..')

const fail = (message: string): never => {
  console.error(message)
  process.exit(1)
}

function readArguments() {
  try {
    const text = { type: 'string' } as const
    return parseArgs({ options: { server: text, appid: text, app: text, out: text } }).values
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

const { server, appid, app, out } = readArguments()
const address = server === undefined ? undefined : parseServerAddress(server)
if (address && 'problem' in address) fail(`--server: ${address.problem}`)
const serverUrl = address && 'url' in address ? address.url : undefined
const outDir = resolve(out ?? join(root, 'build', 'miniprogram'))

try {
  const { sizeBytes, gzippedBytes } = await buildMiniprogram({
    appDir: resolve(app ?? join(root, 'miniprogram', 'app')),
    outDir,
    ...(serverUrl && { serverUrl }),
    ...(appid && { appid }),
  })
  const kib = (bytes: number) => `${Math.ceil(bytes / 1024)} KiB`
  console.log(
    `${outDir}: ${kib(sizeBytes)} (${kib(gzippedBytes)} gzipped), for ${serverUrl ?? 'the address in config.ts'}`,
  )
  if (!serverUrl) console.warn('The address in config.ts is an example: give yours by --server wss://HOST/mqtt')
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error
  fail(`${error.message}\n${error.problems.length} problems: the mini-program was not built`)
}
