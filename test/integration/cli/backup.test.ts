import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { writeFiles } from '../../support/write-files.ts'

test('a missing data folder is not backed up, and nothing is made in its place', async () => {
  await using running = await startApp()
  const missing = join(running.config.dataDir, 'mistyped')
  const to = join(running.config.dataDir, 'copy')
  const { exitCode, stdout, stderr } = await runCommand(running, ['backup', to], {
    env: { LATCHKEY_DATA_DIR: missing },
  })
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error: there is no broker's data folder at ${missing} (dataDir)\n`,
  })
  expect([existsSync(missing), existsSync(to)]).toEqual([false, false])
})

test('a backup that cannot be made says which path it is and why', async () => {
  await using running = await startApp()
  await using files = await writeFiles({ file: '' })
  const sentences = {
    [files.path('file')]: 'cannot be made for a backup: a file has this name',
    [files.path('file/in')]: 'cannot be made for a backup: a part of its path is a file',
    [files.path('x'.repeat(300))]: 'cannot be made for a backup: its name is too long',
    [files.folder]: 'is not empty: a backup needs a folder of its own',
    [running.config.dataDir]:
      `is in the data folder ${running.config.dataDir}: a backup belongs elsewhere, best on another disk`,
  }
  for (const [to, sentence] of Object.entries(sentences))
    expect(await runCommand(running, ['backup', to])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: ${to} ${sentence}\n`,
    })
})
