import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Progress, soak } from '../soak/soak.ts'
import { problemsOf } from '../soak/verdict.ts'

test('soaked for some seconds, the broker loses, swaps and leaks nothing', { timeout: 300_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-soak-'))
  const progress: Progress[] = []
  const report = await soak({
    dataDir,
    minutes: 0.2,
    size: { devices: 12, users: 3, phonesPerUser: 3, writers: 3, watchers: 4 },
    publishesPerSecond: 100,
    churnPerSecond: 10,
    seed: 1,
    slowBytesPerSecond: 50_000,
    everySeconds: 3,
    onProgress: now => progress.push(now),
  })
  await rm(dataDir, { recursive: true, force: true })
  expect(problemsOf(report)).toEqual([])
  expect(report.tallies.sent).toBeGreaterThan(100)
  expect(report.tallies.received).toBeGreaterThan(report.tallies.sent)
  expect(progress.length).toBeGreaterThan(0)
})
