import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../support/run-command.ts'
import { startApp } from '../../support/start-app.ts'

test('of a data folder that is not there no backup is made, and nothing in its place', async () => {
  await using running = await startApp()
  const missing = join(running.config.dataDir, 'mistyped')
  const to = join(running.config.dataDir, 'copy')
  const { exitCode, stdout, stderr } = await runCommand(running, ['backup', to], {
    env: { LATCHKEY_DATA_DIR: missing },
  })
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: `error: there is no data folder of a broker at ${missing} (dataDir)\n`,
  })
  expect([existsSync(missing), existsSync(to)]).toEqual([false, false])
})
