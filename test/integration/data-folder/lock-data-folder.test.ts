import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockDataFolder } from '../../../src/data-folder/lock-data-folder.ts'
import { holdLock } from '../../support/abuse/hold-lock.ts'

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a data folder is for one broker at a time: the next is told which folder, and gets in when the first has ended', () => {
  const folder = join(tempFolder(), 'data')
  const unlock = lockDataFolder(folder)
  expect(() => lockDataFolder(folder)).toThrow(`another broker runs on the data folder ${folder}`)
  unlock()
  lockDataFolder(folder)()
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'broker.lock')).mode & 0o777).toBe(0o600)
})

test('a broker that is just ending is waited for', async () => {
  const folder = tempFolder()
  const { ended } = await holdLock(join(folder, 'broker.lock'), 'begin exclusive', { forMs: 300 })
  lockDataFolder(folder)()
  await ended
})
