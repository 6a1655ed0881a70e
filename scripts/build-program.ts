import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

// npm run build: the program as a few files in dist/src. Node spends more on opening a thousand small files than on anything else a command does.
const root = join(import.meta.dirname, '..')
const outdir = join(root, 'dist', 'src')

await rm(outdir, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir,
  bundle: true,
  splitting: true, // what only some commands need is loaded by them
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  chunkNames: 'chunks/[name]-[hash]',
  // They load native code from beside themselves.
  external: ['@node-rs/argon2'],
  // Packages that are CommonJS call `require` for what is Node's own.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'\nconst require = requireOf(import.meta.url)",
  },
  logLevel: 'warning',
})
