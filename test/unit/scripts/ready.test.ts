import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  buildReason,
  consoleReason,
  installReason,
  modifiedAtMs,
  mustCompile,
  nodeProblem,
  phoneReason,
} from '../../../scripts/ready.mjs'
import { sqlitePackage } from '../../../src/sqlite/sqlite.ts'

describe('Node', () => {
  test.each(['20.19.0', '20.20.2', '22.1.0', '24.0.0'])('%s is new enough', version => {
    expect(nodeProblem(version)).toBeUndefined()
  })

  test.each(['20.18.9', '18.20.0', '9.99.99'])('%s is too old, and the message says what is needed', version => {
    expect(nodeProblem(version)).toBe(`Latchkey needs Node.js 20.19.0 or newer; this is ${version}.`)
  })
})

describe('packages are installed', () => {
  test('when there are none', () => {
    expect(installReason({ lockedAtMs: 1, installedAtMs: undefined })).toBe('node_modules is missing')
  })

  test('when the lock file is newer', () => {
    expect(installReason({ lockedAtMs: 2, installedAtMs: 1 })).toBe('package-lock.json is newer than node_modules')
  })

  test('not when they are as new as the lock file', () => {
    expect(installReason({ lockedAtMs: 2, installedAtMs: 2 })).toBeUndefined()
  })
})

describe('the program is built', () => {
  test('when it is not there', () => {
    expect(buildReason('dist', { sourcesAtMs: 1, builtAtMs: undefined })).toBe('dist is missing')
  })

  test('when a source is newer', () => {
    expect(buildReason('dist', { sourcesAtMs: 2, builtAtMs: 1 })).toBe('the sources are newer than dist')
  })

  test('not when it is as new as the sources', () => {
    expect(buildReason('dist', { sourcesAtMs: 2, builtAtMs: 3 })).toBeUndefined()
  })
})

describe('the phone in a browser is built', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-ready-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const touch = (path: string, seconds: number) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), '')
    utimesSync(join(folder, path), seconds, seconds)
  }

  test('when it is not there, and when the mini-program or the protocol is newer', () => {
    touch('miniprogram/app/app.ts', 1000)
    touch('src/protocol/topics.ts', 1000)
    expect(phoneReason(folder)).toBe('build/phone is missing')
    touch('build/phone/index.html', 2000)
    expect(phoneReason(folder)).toBeUndefined()
    touch('src/protocol/topics.ts', 3000)
    expect(phoneReason(folder)).toBe('the sources are newer than build/phone')
    touch('build/phone/index.html', 4000)
    touch('miniprogram/app/app.ts', 5000)
    expect(phoneReason(folder)).toBe('the sources are newer than build/phone')
  })

  test('so is the console', () => {
    touch('console/main.tsx', 1000)
    expect(consoleReason(folder)).toBe('dist/console is missing')
    touch('dist/console/index.html', 6000)
    expect(consoleReason(folder)).toBeUndefined()
    touch('console/main.tsx', 7000)
    expect(consoleReason(folder)).toBe('the sources are newer than dist/console')
  })
})

test('a folder is as new as the newest file anywhere in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-ready-'))
  mkdirSync(join(folder, 'a', 'b'), { recursive: true })
  for (const [name, seconds] of [
    ['old.ts', 1000],
    ['a/b/new.ts', 2000],
  ] as const) {
    writeFileSync(join(folder, name), '')
    utimesSync(join(folder, name), seconds, seconds)
  }
  expect(modifiedAtMs(folder)).toBe(2_000_000)
  expect(modifiedAtMs(join(folder, 'gone'))).toBeUndefined()
  rmSync(folder, { recursive: true })
})

test('SQLite is compiled where the package that comes compiled cannot be loaded', () => {
  for (const nodeApi of ['9', '10', '11'])
    expect(mustCompile(nodeApi)).toBe(sqlitePackage(nodeApi) === 'better-sqlite3')
})
