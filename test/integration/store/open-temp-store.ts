import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStore, type Store } from '../../../src/store/open-store.ts'
import { account, device } from './records.ts'

/** A path for a database in a folder that is removed after the test. */
export function tempFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'latchkey.db')
}

/** A store on a real file, closed after the test. Its clock stands at `nowMs`. */
export async function openTempStore({ file = tempFile(), nowMs = 1_700_000_000_000 } = {}): Promise<Store> {
  const store = await openStore({ file, now: () => nowMs, pollIntervalMs: 5 })
  onTestFinished(() => store.close())
  return store
}

/** A store with accounts `ann` and `ben` and an unclaimed `lamp`. */
export async function openPopulatedStore(file = tempFile()): Promise<Store> {
  const store = await openTempStore({ file })
  await store.accounts.createAccount(account('ann'))
  await store.accounts.createAccount(account('ben'))
  await store.devices.createDevice(device('lamp'), { secretHash: 'secret', claimHash: 'claim' })
  return store
}
