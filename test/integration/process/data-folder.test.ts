import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LatchkeyProcess, startProcess } from '../../support/processes/latchkey-process.ts'
import { type WrittenFiles, writeFiles } from '../../support/write-files.ts'

/** Root may read and write whatever it likes: then another user tries. */
const nobody = process.getuid?.() === 0 ? 65534 : undefined

const advice = '(set dataDir or LATCHKEY_DATA_DIR)'
const asNobody = { ...(nobody && { uid: nobody }) }

async function startOn(folder: string, options: { readonly uid?: number } = {}): Promise<LatchkeyProcess> {
  // What is not a part of this: the files of the log would be in a folder that nobody may write.
  return startProcess(['start'], { env: { LATCHKEY_DATA_DIR: folder, LATCHKEY_LOG_FILE: '' }, ...options })
}

interface Obstacle {
  readonly what: string
  readonly sentence: string
  readonly uid?: number
  /** Makes it; returns the data folder, and the path that is named. */
  readonly make: (files: WrittenFiles) => Promise<readonly [dataDir: string, named: string]>
}

test.each<Obstacle>([
  {
    what: 'is a file',
    sentence: 'a file has this name',
    make: async ({ path }) => [path('file'), path('file')],
  },
  {
    what: 'would be in a file',
    sentence: 'a part of its path is a file',
    make: async ({ path }) => [join(path('file'), 'data'), join(path('file'), 'data')],
  },
  {
    what: 'would be where the kernel lets nobody make one',
    sentence: 'nothing can be created there',
    make: async () => ['/proc/latchkey', '/proc/latchkey'],
  },
  {
    what: 'would be in a folder of somebody else',
    sentence: 'the user that runs this cannot read and write it, but should own it',
    ...asNobody,
    async make({ folder, path }) {
      await chmod(folder, 0o555)
      return [path('data'), path('data')]
    },
  },
  {
    what: 'holds a database that somebody else made',
    sentence: 'the user that runs this cannot read and write it, but should own it',
    ...asNobody,
    async make({ folder, path }) {
      await chmod(folder, 0o755)
      await mkdir(path('data'))
      await chmod(path('data'), 0o777)
      await writeFile(join(path('data'), 'mqtt.db'), '', { mode: nobody === undefined ? 0 : 0o600 })
      return [path('data'), join(path('data'), 'mqtt.db')]
    },
  },
  {
    what: 'holds a folder in place of a database',
    sentence: 'it is a folder, not a file',
    async make({ path }) {
      await mkdir(join(path('data'), 'latchkey.db'), { recursive: true })
      return [path('data'), join(path('data'), 'latchkey.db')]
    },
  },
])('a data folder that $what ends the start at once, in a sentence', async ({ sentence, uid, make }) => {
  await using files = await writeFiles({ file: '' })
  const [dataDir, named] = await make(files)
  await using latchkey = await startOn(dataDir, { ...(uid && { uid }) })
  expect(await latchkey.ended).toEqual({
    exitCode: 1,
    stderr: `error: dataDir: ${named} cannot be used: ${sentence} ${advice}\n`,
  })
  await chmod(files.folder, 0o755)
})

test('a command says the same of it', async () => {
  await using files = await writeFiles({ file: '' })
  await using latchkey = await startProcess(['user', 'list'], { env: { LATCHKEY_DATA_DIR: files.path('file') } })
  expect(await latchkey.ended).toEqual({
    exitCode: 1,
    stderr: `error: dataDir: ${files.path('file')} cannot be used: a file has this name ${advice}\n`,
  })
})

test('a log file where the kernel lets nobody make one ends the start at once, in a sentence', async () => {
  const file = '/proc/latchkey/logs/latchkey.log'
  await using latchkey = await startProcess(['start'], { env: { LATCHKEY_LOG_FILE: file } })
  expect(await latchkey.ended).toEqual({
    exitCode: 1,
    stderr: `error: log.file.path: ${file} cannot be written: nothing can be created there\n`,
  })
})
