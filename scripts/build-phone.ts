import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { BuildFailed } from '../miniprogram/build/build-failed.ts'
import { buildMiniprogram } from '../miniprogram/build/build-miniprogram.ts'
import { buildPhone } from '../miniprogram/preview/build/build-phone.ts'

// npm run build:phone: the mini-program's package, as it ships, and from it the phone that `npm start` serves at /phone. The package goes to a
// folder of its own: build/miniprogram was made for somebody's server.
const root = join(import.meta.dirname, '..')
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build', 'package-'))

try {
  const packageDir = join(folder, 'miniprogram')
  await buildMiniprogram({ appDir: join(root, 'miniprogram', 'app'), outDir: packageDir })
  await buildPhone({ packageDir, outDir: join(root, 'build', 'phone') })
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error
  console.error(`${error.message}\n${error.problems.length} problems: the phone was not built`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
