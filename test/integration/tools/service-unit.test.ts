import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../src/app/package-root.ts'

const unit = join(packageRoot(), 'deploy', 'latchkey.service')
const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' })
const isInstalled = analyze('--version').error === undefined
if (!isInstalled) console.log("skipped: the unit is verified by Debian's package systemd")

test.skipIf(!isInstalled)(
  'the unit for systemd is one, and leaves the service little that it could do harm with',
  () => {
    expect(analyze('verify', unit)).toMatchObject({ status: 0, stderr: '' })
    const { status, stdout } = analyze('security', '--offline=true', '--threshold=25', unit)
    expect([status, /exposure level for latchkey\.service: ([\d.]+)/.exec(stdout)?.[1]]).toEqual([
      0,
      expect.any(String),
    ])
  },
)
