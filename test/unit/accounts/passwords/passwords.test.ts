import { hash, parseOptions, verify } from '@node-rs/argon2'
import { expect, it } from 'vitest'
import { passwordDigest } from '../../../../src/accounts/passwords/password-digest.ts'
import { createPasswords } from '../../../../src/accounts/passwords/passwords.ts'

const cheap = { memoryKib: 8, passes: 1, lanes: 1 }
const digest = passwordDigest('secret')

it('digests a text as the MD5 of its UTF-8 in lower-case hex', () => {
  expect(passwordDigest('')).toBe('d41d8cd98f00b204e9800998ecf8427e')
  expect(passwordDigest('密码')).toBe('a8105204604a0b11e916f3879aae3b0b')
})

it('hashes with argon2id at the cost that OWASP asks for', async () => {
  const made = await createPasswords({ concurrency: 1, maxQueued: 0 }).hash(digest)
  expect(made).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

it('verifies only the password that was hashed', async () => {
  const passwords = createPasswords({ concurrency: 1, maxQueued: 10, cost: cheap })
  const made = String(await passwords.hash(digest))
  expect(await passwords.verify(made, digest)).toBe(true)
  expect(await passwords.verify(made, passwordDigest('wrong'))).toBe(false)
})

it('runs argon2 at the same cost when there is no hash to compare with, and says false', async () => {
  const compared: (string | Uint8Array)[] = []
  const argon2: { hash: typeof hash; verify: typeof verify } = {
    hash,
    verify: (made, ...more) => {
      compared.push(made)
      return verify(made, ...more)
    },
  }
  const passwords = createPasswords({ concurrency: 1, maxQueued: 0, argon2 })
  const real = String(await passwords.hash(digest))
  expect(await passwords.verify(undefined, digest)).toBe(false)
  expect(compared.map(parseOptions)).toEqual([parseOptions(real)])
})

it('computes so many at once, lets so many wait, and tells the others to come back', async () => {
  const waiting: ((made: string) => void)[] = []
  let started = () => {}
  const argon2 = {
    hash: () =>
      new Promise<string>(resolve => {
        waiting.push(resolve)
        started()
      }),
    verify: async () => true,
  }
  const passwords = createPasswords({ concurrency: 2, maxQueued: 1, argon2 })
  const bothRun = new Promise<void>(resolve => {
    started = () => waiting.length === 2 && resolve()
  })
  const accepted = [passwords.hash('a'), passwords.hash('b'), passwords.hash('c')]
  expect(await passwords.hash('d')).toEqual({ refused: 4029, retryAfterSeconds: 2 })
  expect(await passwords.verify(undefined, 'd')).toEqual({ refused: 4029, retryAfterSeconds: 2 })

  await bothRun
  const third = new Promise<void>(resolve => {
    started = resolve
  })
  for (const finish of waiting) finish('made')
  await third
  expect(waiting).toHaveLength(3)
  waiting[2]?.('made')
  expect(await Promise.all(accepted)).toEqual(['made', 'made', 'made'])
})

it('passes a fault of argon2 on and gives the place free', async () => {
  const argon2 = { hash: async () => 'made', verify: () => Promise.reject(new Error('no memory')) }
  const passwords = createPasswords({ concurrency: 1, maxQueued: 0, argon2 })
  await expect(passwords.verify(undefined, digest)).rejects.toThrow('no memory')
  expect(await passwords.hash(digest)).toBe('made')
})
