import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { oldestTarget } from '../compile-modules.ts'

/** Bundles the packages that the app uses into `outDir`, one CommonJS file each, with no assumption about globals but ES2018 and timers. */
export async function bundleVendor(outDir: string): Promise<void> {
  const resolveOf = (name: string, from: string) => createRequire(from).resolve(name)
  const mqtt = resolveOf('mqtt', import.meta.filename)
  const streams = resolveOf('readable-stream', mqtt)
  const ofStreams = (name: string) => resolveOf(`${name}/`, streams)
  const shared: BuildOptions = {
    bundle: true,
    minify: true,
    format: 'cjs',
    platform: 'browser',
    target: oldestTarget,
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'silent',
    mainFields: ['browser', 'main'],
  }
  const define = { 'process.env.NODE_ENV': '"production"' }
  await build({
    ...shared,
    define,
    entryPoints: [join(import.meta.dirname, 'md5.ts')],
    outfile: join(outDir, 'md5.js'),
  })
  await build({
    ...shared,
    entryPoints: [join(import.meta.dirname, 'mqtt.ts')],
    outfile: join(outDir, 'mqtt.js'),
    conditions: ['node-build'],
    inject: [join(import.meta.dirname, 'globals.ts')],
    alias: {
      'readable-stream': join(dirname(streams), 'browser.js'),
      buffer: ofStreams('buffer'),
      'node:buffer': ofStreams('buffer'),
      events: ofStreams('events'),
      string_decoder: ofStreams('string_decoder'),
      'abort-controller': join(import.meta.dirname, 'globals.ts'),
      'lru-cache': join(import.meta.dirname, 'lru-cache.ts'),
    },
    define: {
      ...define,
      navigator: 'noNavigator',
      globalThis: 'bareGlobal',
    },
    plugins: [
      withoutAt,
      replace('timers', /^worker-timers$/, 'exports.setInterval = setInterval; exports.clearInterval = clearInterval'),
      replace('node', /^(ws|socks|net|tls|fs|url|os|tty|util|dns|http|https|zlib|crypto|path|worker_threads)$/, ''),
      replace('debug', /^debug$/, 'module.exports = () => Object.assign(() => {}, { enabled: false })'),
      replace('package', /^(\.\.\/)+package\.json$/, 'exports.version = ""'),
    ],
  })
}

/** mqtt.js uses `Array.prototype.at` for SUBSCRIBE; without it a SUBSCRIBE would never be answered on iOS before 15.4. */
const withoutAt: Plugin = {
  name: 'without-at',
  setup({ onLoad }) {
    onLoad({ filter: /mqtt[\\/]build[\\/]lib[\\/]client\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const contents = text.replace('packets.at(-1)', 'packets[packets.length - 1]')
      if (contents === text) throw new Error('mqtt.js has another way now: take this plugin out')
      return { contents, loader: 'js' }
    })
  },
}

const replace = (name: string, filter: RegExp, contents: string): Plugin => ({
  name,
  setup({ onResolve, onLoad }) {
    onResolve({ filter }, ({ path }) => ({ path, namespace: name }))
    onLoad({ filter: /.*/, namespace: name }, () => ({ contents, loader: 'js' }))
  },
})
