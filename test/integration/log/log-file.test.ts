import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctorProbes } from '../../../src/app/doctor-probes.ts'
import { createProgram } from '../../../src/cli/program.ts'
import { registerStart } from '../../../src/cli/start/start.ts'
import { createLog } from '../../../src/log/create-log.ts'
import { type LogFileSettings, openLogFile } from '../../../src/log/outputs/log-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-logs-'))
})
afterAll(() => rm(folder, { recursive: true }))

const settings = (name: string, more: Partial<LogFileSettings> = {}): LogFileSettings => ({
  path: join(folder, name, 'latchkey.log'),
  maxBytes: 2048,
  frequency: 'never',
  count: 1000,
  ...more,
})

/** Logs numbered lines, as many at a time as the disk takes up before the next. */
async function writeLines(to: LogFileSettings, from: number, count: number): Promise<string[]> {
  const file = await openLogFile(to)
  const written: string[] = []
  const log = createLog({ level: 'info', pretty: false, destination: { write: line => written.push(line) }, file })
  for (let i = from; i < from + count; i++) {
    log.info({ event: 'fault', count: i }, 'numbered')
    if (i % 20 === 19)
      await expect.poll(async () => (await contentOf(await filesOf(to))).includes(`"count":${i},`)).toBe(true)
  }
  await log.close()
  return written
}

const numberIn = (name: string) => Number(name.match(/(\d+)\.log$/)?.[1])
async function filesOf({ path }: LogFileSettings): Promise<string[]> {
  const names = await readdir(dirname(path))
  return names.sort((a, b) => numberIn(a) - numberIn(b)).map(file => join(dirname(path), file))
}
const contentOf = async (files: readonly string[]) =>
  (await Promise.all(files.map(file => readFile(file, 'utf8')))).join('')

test('files that are full are followed by others, across restarts, and every line is in them, once, as on stdout', async () => {
  const to = settings('rolling')
  const first = await writeLines(to, 0, 200)
  const second = await writeLines(to, 200, 200)
  const files = await filesOf(to)
  expect(files.length).toBeGreaterThan(5)
  expect(await contentOf(files)).toBe([...first, ...second].join(''))
})

test('what is older than the files to be kept is deleted', async () => {
  const to = settings('few', { count: 3 })
  await writeLines(to, 0, 400)
  await expect.poll(async () => (await filesOf(to)).length).toBeLessThanOrEqual(4)
  const left = await contentOf(await filesOf(to))
  expect(left).toContain('"count":399,')
  expect(left).not.toContain('"count":1,')
})

test.each(['hourly', 'daily'] as const)('%s files have the time in their name', async frequency => {
  const to = settings(frequency, { frequency, maxBytes: 1_000_000 })
  await writeLines(to, 0, 3)
  const [file = ''] = await filesOf(to)
  expect(file).toMatch(
    frequency === 'daily' ? /latchkey\.\d{4}-\d\d-\d\d\.1\.log$/ : /latchkey\.\d{4}-\d\d-\d\d-\d\d\.1\.log$/,
  )
})

test('the files, and the folder that is made, are for their owner only', async () => {
  const to = settings('private')
  await writeLines(to, 0, 1)
  for (const path of [join(folder, 'private'), ...(await filesOf(to))]) expect((await stat(path)).mode & 0o077).toBe(0)
})

test('a file that cannot be written stops the start, and is named', async () => {
  const obstacle = join(folder, 'obstacle')
  await writeFile(obstacle, '')
  const path = join(obstacle, 'latchkey.log')
  await expect(openLogFile(settings('x', { path }))).rejects.toThrow(`log.file.path: ${path} cannot be written: `)

  const out = { stdout: '', stderr: '' }
  const program = createProgram({
    env: { NODE_ENV: 'test', LATCHKEY_LOG_FILE: path, LATCHKEY_DATA_DIR: join(folder, 'data') },
    configDir: 'config',
    version: '0',
    stdin: new PassThrough(),
    stdout: { write: (text: string) => (out.stdout += text) },
    stderr: { write: (text: string) => (out.stderr += text) },
    untilStopped: () => Promise.resolve(),
    openBackend: () => Promise.reject(new Error('not part of this test')),
    doctorProbes,
    registerStart: registerStart(
      { stopSignal: () => new Promise(() => {}), onLevelSignal: () => {}, onReloadSignal: () => {} },
      '0',
    ),
  })
  expect(await program.run(['start'])).toBe(1)
  expect(out).toEqual({
    stdout: '',
    stderr: expect.stringContaining(`error: log.file.path: ${path} cannot be written: `),
  })
})
