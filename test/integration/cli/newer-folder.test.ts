import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPreviousFolder, previousRevisions } from '../../support/processes/previous-folder.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'

/** What a version that is not there yet leaves in each of the databases. */
const newer = {
  'latchkey.db': "insert into kysely_migration values ('9999-future', '2099-01-01')",
  'mqtt.db': 'pragma user_version = 99',
}
const names = ['latchkey.db', 'mqtt.db'] as const

/** A data folder of which a newer version wrote `name`, and the other one may be older. */
function folderWithNewer(name: keyof typeof newer) {
  const { dataDir, now, ...folder } = openPreviousFolder(previousRevisions[0] ?? '')
  onTestFinished(() => folder[Symbol.dispose]())
  const open = (file: string) => new Database(join(dataDir, file))
  const sqlite = open(name)
  sqlite.exec(newer[name])
  sqlite.close()
  const versions = () => {
    const [latchkey, mqtt] = names.map(open)
    const found = [latchkey?.prepare('select name from kysely_migration').pluck().all(), mqtt?.pragma('user_version')]
    latchkey?.close()
    mqtt?.close()
    return found
  }
  return { dataDir, now, versions }
}

const inFolder = (dataDir: string) => ({ config: { dataDir }, app: { ports: { mqtt: 0, http: 0 } } }) as RunningApp

test.each(names)(
  'a start on a folder whose %s is newer is refused in a sentence, and changes neither file',
  async name => {
    const { dataDir, now, versions } = folderWithNewer(name)
    const before = versions()
    await expect(startApp({ dataDir, now })).rejects.toThrow(
      `the data folder ${dataDir} was written by a newer version of this program (${name}), and cannot be used by this one`,
    )
    const command = await runCommand(inFolder(dataDir), ['user', 'list'])
    expect(command).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('cannot be used by this one: run that'),
    })
    expect(versions()).toEqual(before)
  },
)

test.each(names)('the doctor says that a folder whose %s is newer cannot go back', async name => {
  const { dataDir, versions } = folderWithNewer(name)
  const before = versions()
  const env = { LATCHKEY_MQTT_PORT: '0', LATCHKEY_HTTP_PORT: '0' }
  const { exitCode, stdout, stderr } = await runCommand(inFolder(dataDir), ['doctor', '--json'], { env })
  const { checks } = JSON.parse(stdout || stderr)
  const finding = checks.find(({ check }: { check: string }) => check === name)
  expect(finding).toMatchObject({
    outcome: 'problem',
    found: 'written by a newer version of this program, and cannot be used by this one',
    advice: expect.stringContaining('backup'),
  })
  expect(exitCode).toBe(1)
  expect(versions()).toEqual(before)
})
