import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'
import { writeFiles } from '../../support/write-files.ts'

test('a backup made while the broker runs is a data folder: accounts, keys, devices, what is retained, what is queued', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-backup-'))
  const to = join(folder, 'new')
  await using running = await startApp()
  const { device, client, token } = await ownerOf(running, 's1')
  const phone = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  await phone.subscribe('devices/+/event/+', 1)
  await phone[Symbol.asyncDispose]()
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync(topics.event('s1', 'motion'), 'queued', { qos: 1 })

  const files = await running.admin.backUp(to)
  expect([...files].sort()).toEqual(
    [...(await readdir(to, { recursive: true }))].filter(name => name !== 'keys').sort(),
  )
  for (const name of files) expect((await stat(join(to, name))).mode & 0o777).toBe(0o600)
  await sensor.mqtt.publishAsync(topics.event('s1', 'motion'), 'after the backup', { qos: 1 })

  const restored = await startApp({ dataDir: to })
  const back = await connectWithToken(restored.wsUrl, token, { clientId: 'phone', clean: false })
  expect((await back.message(topics.event('s1', 'motion'))).payload).toBe('queued')
  await back.subscribe(topics.presence('s1'))
  expect((await back.message(topics.presence('s1'))).retain).toBe(true)
  expect(back.received.filter(({ payload }) => payload === 'after the backup')).toEqual([])
  await back[Symbol.asyncDispose]()
  await restored[Symbol.asyncDispose]()
  await client[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** In a thread of its own, for SQLite holds up the one that copies: every mode that a file of the folder has, for anybody, while it goes on. */
const watcher = `
  const { workerData: folder, parentPort } = require('node:worker_threads')
  const { readdirSync, statSync } = require('node:fs')
  const modes = new Set()
  let goesOn = true
  parentPort.on('message', () => (goesOn = false))
  const look = () => {
    for (let n = 0; n < 200; n++)
      for (const name of readdirSync(folder, { recursive: true })) {
        try { modes.add((statSync(folder + '/' + name).mode & 0o77).toString(8)) } catch {}
      }
    if (goesOn) setImmediate(look)
    else parentPort.postMessage([...modes])
  }
  look()
  parentPort.postMessage('looking')
`

test('into a folder that is there, and that others may read, a backup writes nothing that others can read, at no moment', async () => {
  const to = await mkdtemp(join(tmpdir(), 'latchkey-backup-'))
  await chmod(to, 0o755)
  await using running = await startApp()
  const looking = new Worker(watcher, { eval: true, workerData: to })
  await once(looking, 'message')
  await running.admin.backUp(to)
  looking.postMessage('enough')
  const [modes] = await once(looking, 'message')
  await looking.terminate()
  expect(modes).toEqual(['0'])
  await rm(to, { recursive: true })
})

test('a backup never goes into a folder that holds something', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-backup-'))
  await using running = await startApp()
  await running.admin.backUp(folder)
  await expect(running.admin.backUp(folder)).rejects.toThrow('is not empty')
  await rm(folder, { recursive: true, force: true })
})

test('a backup into a place where nothing can be made is refused, and not tried for ever', async () => {
  await using running = await startApp()
  await expect(running.admin.backUp('/proc/latchkey')).rejects.toThrow(
    '/proc/latchkey cannot be made for a backup: nothing can be created there',
  )
})

test('a backup never goes into the data folder, by whatever name it is called', async () => {
  await using files = await writeFiles({})
  await using running = await startApp()
  const { dataDir } = running.config
  await symlink(dataDir, files.path('link'))
  const before = await readdir(dataDir)
  for (const to of [dataDir, join(dataDir, 'backup'), join(dataDir, 'a/b'), join(dataDir, 'keys'), files.path('link')])
    await expect(running.admin.backUp(to)).rejects.toThrow(`${to} is in the data folder`)
  await expect(running.admin.backUp(files.path('link/backup'))).rejects.toThrow('is in the data folder')
  await expect(running.admin.backUp(relative('.', join(dataDir, 'backup')))).rejects.toThrow('is in the data folder')
  expect(await readdir(dataDir)).toEqual(before)
  await running.admin.backUp(`${dataDir}-backup`)
  await rm(`${dataDir}-backup`, { recursive: true })
})
