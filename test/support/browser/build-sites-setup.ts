import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { consoleReason, phoneReason } from '../../../scripts/ready.mjs'
import { packageRoot } from '../../../src/app/package-root.ts'

/** Before the tests in a browser: builds the phone and the console when they are missing or older than their sources, whoever runs them. */
export default function buildSitesSetup(): void {
  const root = packageRoot()
  const node = (what: string, ...args: string[]) => {
    const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`${what} cannot be built; what is wrong stands above`)
  }
  if (phoneReason(root)) node('the phone in a browser', '--import', 'tsx', join('scripts', 'build-phone.ts'))
  if (consoleReason(root)) {
    const vite = join('node_modules', 'vite', 'bin', 'vite.js')
    node('the console', vite, 'build', '--config', join('console', 'vite.config.ts'), '--logLevel', 'warn')
  }
}
