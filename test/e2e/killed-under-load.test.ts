import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runKillCycles } from '../kill/kill-cycles.ts'

test('killed ten times under load, the broker loses nothing that it acknowledged', { timeout: 300_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-kill-'))
  const report = await runKillCycles({ dataDir, cycles: 10, perCycle: 300 })
  await rm(dataDir, { recursive: true, force: true })
  expect(report).toMatchObject({ lost: [], lostOnSlowLink: [], twice: [], stale: [], wills: 10, isOnline: true })
  expect(report.devices).toMatchObject({ lost: [], leaked: [], undone: [], wrongPresence: [] })
  expect(report.devices.claims).toBeGreaterThanOrEqual(10)
  expect(report.acknowledged[1] + report.acknowledged[2]).toBeGreaterThanOrEqual(3000)
})
