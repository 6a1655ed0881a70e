import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openWechatIdentity } from '../../../src/accounts/sign-in/wechat-identity.ts'

let root: string
let file: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'latchkey-identity-'))
  file = join(root, 'data', 'wechat.key')
})
afterEach(() => rm(root, { recursive: true }))

it('gives a WeChat user the same name after a restart, and every user another', async () => {
  const before = await openWechatIdentity({ file })
  const after = await openWechatIdentity({ file })
  expect(before('openid-1')).toMatch(/^[0-9a-f]{64}$/)
  expect(after('openid-1')).toBe(before('openid-1'))
  expect(after('openid-2')).not.toBe(before('openid-1'))
})

it('gives other names under another key', async () => {
  const here = await openWechatIdentity({ file })
  const elsewhere = await openWechatIdentity({ file: join(root, 'elsewhere', 'wechat.key') })
  expect(elsewhere('openid-1')).not.toBe(here('openid-1'))
})

it('keeps its key where only its owner can read it', async () => {
  await openWechatIdentity({ file })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(dirname(file))).mode & 0o777).toBe(0o700)
  expect(await readdir(join(root, 'data'))).toEqual(['wechat.key'])
})

it('is the same for processes that start at once', async () => {
  const identities = await Promise.all(Array.from({ length: 8 }, () => openWechatIdentity({ file })))
  expect(new Set(identities.map(identity => identity('openid-1'))).size).toBe(1)
})

it('refuses a damaged key and names the file', async () => {
  await openWechatIdentity({ file })
  await writeFile(file, 'short')
  await expect(openWechatIdentity({ file })).rejects.toThrow(file)
})
