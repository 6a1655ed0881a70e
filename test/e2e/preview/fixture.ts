import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildMiniprogram } from '../../../miniprogram/build/build-miniprogram.ts'
import { buildPhone } from '../../../miniprogram/preview/build/build-phone.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'

/** The program, serving a phone that runs the mini-program of test/support/miniprogram-fixtures/tags. */
export async function startFixture(): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-phone-'))
  const packageDir = join(folder, 'miniprogram')
  const phoneDir = join(folder, 'phone')
  const appDir = join(import.meta.dirname, '../../support/miniprogram-fixtures/tags')
  await buildMiniprogram({ appDir, outDir: packageDir })
  await buildPhone({ packageDir, outDir: phoneDir })
  const running = await startApp({ sites: { phone: phoneDir } })
  return {
    ...running,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}
