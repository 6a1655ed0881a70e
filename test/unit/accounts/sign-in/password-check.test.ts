import { describe, expect, it } from 'vitest'
import { createPasswordCheck } from '../../../../src/accounts/sign-in/password-check.ts'
import { createAuthFixture, digest } from '../auth-fixture.ts'

const address = '192.0.2.1'
const right = { username: 'bob', password: digest('secret'), address }
const wrong = { ...right, password: digest('wrong') }

async function setUp(options: Parameters<typeof createAuthFixture>[0] = {}) {
  const fixture = createAuthFixture(options)
  await fixture.addAccount('bob')
  return { fixture, check: createPasswordCheck(fixture) }
}

describe('a name with too many wrong passwords', () => {
  const limits = { password: { points: 2, durationSeconds: 900 } }

  it.each(['bob', 'nobody'])('is locked whether it exists or not (%s), without running argon2', async username => {
    const { fixture, check } = await setUp({ limits })
    for (let i = 0; i < 2; i++) expect(await check({ ...wrong, username })).toEqual({ refused: 1 })
    expect(await check({ ...right, username })).toEqual({ refused: 4029, retryAfterSeconds: 900 })
    expect(fixture.argon2Runs.verify).toBe(2)
  })

  it('is locked only for the network that guessed', async () => {
    const { check } = await setUp({ limits })
    for (let i = 0; i < 4; i++) await check({ ...wrong, address: `192.0.2.${i >> 1}` })
    expect(await check({ ...right, address: '192.0.2.1' })).toMatchObject({ refused: 4029 })
    expect(await check({ ...right, address: '198.51.100.1' })).toMatchObject({ username: 'bob' })
  })

  it('is not locked for a session that is signed in to the account', async () => {
    const { check } = await setUp({ limits: { ...limits, address: { points: 1, durationSeconds: 60 } } })
    for (let i = 0; i < 2; i++) await check(wrong)
    expect(await check(right)).toMatchObject({ refused: 4029 })
    expect(await check({ ...right, signedInAs: 'id-of-bob' })).toMatchObject({ username: 'bob' })
  })

  it('is locked for a session that guesses, which locks nobody else', async () => {
    const { check } = await setUp({ limits })
    const signedInAs = 'id-of-bob'
    for (let i = 0; i < 2; i++) expect(await check({ ...wrong, signedInAs })).toEqual({ refused: 1 })
    expect(await check({ ...right, signedInAs })).toMatchObject({ refused: 4029 })
    expect(await check({ ...right, signedInAs, address: '198.51.100.1' })).toMatchObject({ username: 'bob' })
    expect(await check(right)).toMatchObject({ username: 'bob' })
  })

  it('is the same name in another Unicode form, and in other letters', async () => {
    const { check } = await setUp({ limits })
    for (const username of ['Zoe\u0308', 'ZO\u00cb']) await check({ ...wrong, username })
    expect(await check({ ...wrong, username: 'zo\u00eb' })).toMatchObject({ refused: 4029 })
  })

  it('is locked against guesses made all at once', async () => {
    const { check } = await setUp({ limits })
    const answers = await Promise.all(Array.from({ length: 10 }, () => check(wrong)))
    expect(answers.filter(answer => 'refused' in answer && answer.refused === 1)).toHaveLength(2)
  })
})

it('counts from zero again after the right password', async () => {
  const { check } = await setUp({ limits: { password: { points: 2, durationSeconds: 900 } } })
  for (let i = 0; i < 3; i++) {
    expect(await check(wrong)).toEqual({ refused: 1 })
    expect(await check(right)).toMatchObject({ username: 'bob' })
  }
})

it('refuses an address that tried many names, before it looks at the account', async () => {
  const { fixture, check } = await setUp({ limits: { address: { points: 2, durationSeconds: 60 } } })
  for (const username of ['a', 'b']) await check({ ...wrong, username })
  expect(await check(right)).toEqual({ refused: 4029, retryAfterSeconds: 60 })
  expect(fixture.argon2Runs.verify).toBe(2)
})

it('does not count an attempt that found the password pool full', async () => {
  const stuck = { hash: () => new Promise<string>(() => {}), verify: () => new Promise<boolean>(() => {}) }
  const { fixture, check } = await setUp({
    limits: { password: { points: 1, durationSeconds: 900 } },
    passwords: { concurrency: 1, maxQueued: 0, argon2: stuck },
  })
  void fixture.passwords.hash('occupies the only place')
  const busy = await check(right)
  expect(busy).toMatchObject({ refused: 4029 })
  expect(await check(right)).toEqual(busy)
})

it('treats an account that is not accepted here as one that does not exist', async () => {
  const { fixture, check } = await setUp({ limits: { password: { points: 2, durationSeconds: 900 } } })
  const accepts = () => false
  for (let i = 0; i < 2; i++) expect(await check({ ...right, accepts })).toEqual({ refused: 1 })
  expect(fixture.argon2Runs.verify).toBe(2)
  expect(await check(right)).toMatchObject({ refused: 4029 })
})
