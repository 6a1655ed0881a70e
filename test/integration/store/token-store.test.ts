import { expect, test } from 'vitest'
import type { TokenRecord } from '../../../src/domain/account.ts'
import { openTempStore } from './open-temp-store.ts'

const token = (id: string, more: Partial<TokenRecord> = {}) => ({
  id,
  subject: 'ann',
  role: 'user' as const,
  issuedAtMs: 1000,
  expiresAtMs: 2000,
  ...more,
})

async function openTokens(...records: ReturnType<typeof token>[]) {
  const { accounts } = await openTempStore()
  for (const record of records) await accounts.recordToken(record)
  const revoked = async (id: string) => (await accounts.tokenById(id))?.revoked
  return { accounts, revoked }
}

test('a token on record is found by its id, and no other', async () => {
  const { accounts } = await openTokens(token('t', { role: 'service', subject: 'node-red' }))
  expect(await accounts.tokenById('t')).toEqual({
    id: 't',
    subject: 'node-red',
    role: 'service',
    issuedAtMs: 1000,
    expiresAtMs: 2000,
    revoked: false,
  })
  expect(await accounts.tokenById('other')).toBeUndefined()
})

test('a token id is recorded once', async () => {
  const { accounts } = await openTokens(token('t'))
  await expect(accounts.recordToken(token('t', { subject: 'ben' }))).rejects.toThrow()
})

test('revoking a token leaves the others of the account alone', async () => {
  const { accounts, revoked } = await openTokens(token('a'), token('b'))
  await accounts.revokeToken('a')
  expect(await revoked('a')).toBe(true)
  expect(await revoked('b')).toBe(false)
})

test('revoking all of an account spares other accounts and the one token named', async () => {
  const { accounts, revoked } = await openTokens(token('a'), token('b'), token('c', { subject: 'ben' }))
  await accounts.revokeTokensOf('ann', 'b')
  expect(await revoked('a')).toBe(true)
  expect(await revoked('b')).toBe(false)
  expect(await revoked('c')).toBe(false)
  await accounts.revokeTokensOf('ann')
  expect(await revoked('b')).toBe(true)
  expect(await revoked('c')).toBe(false)
})

test('a revoked token stays revoked', async () => {
  const { accounts, revoked } = await openTokens(token('a'))
  await accounts.revokeToken('a')
  await accounts.revokeTokensOf('ann')
  await accounts.revokeToken('a')
  expect(await revoked('a')).toBe(true)
})

test('pruning deletes the tokens that expired before, revoked or not', async () => {
  const { accounts } = await openTokens(token('old', { expiresAtMs: 1999 }), token('live', { expiresAtMs: 2000 }))
  expect(await accounts.pruneTokens(2000, 10)).toBe(false)
  expect(await accounts.tokenById('old')).toBeUndefined()
  expect(await accounts.tokenById('live')).toBeDefined()
})

test('of many expired tokens the oldest go first, some at a time', async () => {
  const { accounts } = await openTokens(
    ...['a', 'b', 'c'].map((id, n) => token(id, { expiresAtMs: 1000 - n })),
    token('live', { expiresAtMs: 2000 }),
  )
  expect(await accounts.pruneTokens(1500, 2)).toBe(true)
  expect([...(await accounts.tokensById(['a', 'b', 'c', 'live'])).keys()].sort()).toEqual(['a', 'live'])
  expect(await accounts.pruneTokens(1500, 2)).toBe(false)
})

test('an account of thousands of tokens has all of them revoked, but the one that is spared', async () => {
  const { accounts } = await openTokens(token('of-ben', { subject: 'ben' }))
  const ids = Array.from({ length: 2500 }, (_, n) => `t${n}`)
  for (const id of ids) await accounts.recordToken(token(id))
  await accounts.revokeTokensOf('ann', 't1234')
  const records = [...(await accounts.tokensById([...ids, 'of-ben'])).values()]
  expect(records.filter(({ revoked }) => !revoked).map(({ id }) => id)).toEqual(
    expect.arrayContaining(['t1234', 'of-ben']),
  )
  expect(records.filter(({ revoked }) => revoked)).toHaveLength(2499)
})
