import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openTempStore, tempFile } from './open-temp-store.ts'

function startClaimer(file: string, accountId: string) {
  const script = fileURLToPath(new URL('open-and-claim.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, file, accountId], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { go: () => child.stdin.end(), line: async () => (await lines.next()).value, ended: once(child, 'close') }
}

// Starting a process that reads TypeScript takes seconds on a busy machine.
test('two processes may open a new database and claim a device at once, and one gets it', {
  timeout: 60_000,
}, async () => {
  const file = tempFile()
  const claimers = [startClaimer(file, 'ann'), startClaimer(file, 'ben')]
  expect(await Promise.all(claimers.map(claimer => claimer.line()))).toEqual(['ready', 'ready'])
  for (const claimer of claimers) claimer.go()
  const answers = await Promise.all(claimers.map(claimer => claimer.line()))
  expect(answers.sort()).toEqual(['claimed', 'owned'])
  await Promise.all(claimers.map(claimer => claimer.ended))
  const { accounts, devices } = await openTempStore({ file })
  expect(await devices.membersOf('lamp')).toHaveLength(1)
  expect(await accounts.listAccounts()).toHaveLength(2)
})
