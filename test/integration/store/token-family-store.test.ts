import { expect, test } from 'vitest'
import { type AccountStore, isSuperseded } from '../../../src/domain/account.ts'
import { openTempStore, tempFile } from './open-temp-store.ts'

const token = (id: string, expiresAtMs = 2000) => ({
  id,
  subject: 'ann',
  role: 'user' as const,
  issuedAtMs: 1000,
  expiresAtMs,
  aclHash: 'hash',
})

async function openFamily() {
  const { accounts } = await openTempStore()
  await accounts.recordToken(token('first'), 'family')
  return accounts
}

async function recordOf(accounts: AccountStore, id: string) {
  const record = await accounts.tokenById(id)
  if (!record) throw new Error(`no token ${id}`)
  return record
}

async function use(accounts: AccountStore, id: string): Promise<boolean> {
  const { family } = await recordOf(accounts, id)
  return family !== undefined && accounts.useToken(id, family)
}

const next = (accounts: AccountStore, id: string, before: string) =>
  accounts.recordSuccessor(token(id, 3000), { id: before, endsAtMs: 1500 })

test('a family begins with a token and goes on with the next, which gives the one before an end', async () => {
  const accounts = await openFamily()
  expect(await next(accounts, 'second', 'first')).toBe(true)
  const family = { id: 'family', beganAtMs: 1000, used: { generation: 0, tokenId: 'first' } }
  expect(await recordOf(accounts, 'first')).toEqual({
    ...token('first'),
    revoked: false,
    endsAtMs: 1500,
    family: { ...family, generation: 0 },
  })
  const both = await accounts.tokensById(['first', 'second'])
  expect(both.get('second')).toEqual({ ...token('second', 3000), revoked: false, family: { ...family, generation: 1 } })
})

test('the first use of a generation supersedes all before it and beside it, and is there once', async () => {
  const accounts = await openFamily()
  for (const id of ['second', 'beside']) await next(accounts, id, 'first')
  await next(accounts, 'third', 'second')
  expect(await use(accounts, 'second')).toBe(true)
  expect(await use(accounts, 'second')).toBe(false)
  expect(await use(accounts, 'beside')).toBe(false)
  const superseded = async (id: string) => isSuperseded(await recordOf(accounts, id))
  expect(await Promise.all(['first', 'second', 'beside', 'third'].map(superseded))).toEqual([true, false, true, false])
})

test.each(['superseded', 'revoked', 'of a revoked family', 'of another account', 'without a family', 'not there'])(
  'what is %s has no successor, and is left as it was',
  async how => {
    const accounts = await openFamily()
    await next(accounts, 'second', 'first')
    if (how === 'superseded') await use(accounts, 'second')
    if (how === 'revoked') await accounts.revokeToken('first')
    if (how === 'of a revoked family') await accounts.revokeFamily('family')
    await accounts.recordToken(token('alone'))
    const id = how === 'without a family' ? 'alone' : how === 'not there' ? 'nobody' : 'first'
    const before = await accounts.tokenById(id)
    const successor = { ...token('third', 3000), subject: how === 'of another account' ? 'ben' : 'ann' }
    expect(await accounts.recordSuccessor(successor, { id, endsAtMs: 1700 })).toBe(false)
    expect(await accounts.tokenById('third')).toBeUndefined()
    expect(await accounts.tokenById(id)).toEqual(before)
  },
)

test('what another of its generation has superseded has no successor, though other families are in force', async () => {
  const accounts = await openFamily()
  await accounts.recordToken(token('other'), 'other-family')
  for (const id of ['second', 'beside']) await next(accounts, id, 'first')
  await use(accounts, 'second')
  for (const id of ['beside', 'first']) expect([id, await next(accounts, `of-${id}`, id)]).toEqual([id, false])
  expect(await next(accounts, 'third', 'second')).toBe(true)
})

test('the sign-ins of an account are its families with a valid token, the latest first, at most as many as are asked for', async () => {
  const { accounts } = await openTempStore()
  const signIn = (family: string, issuedAtMs: number, more = {}) =>
    accounts.recordToken({ ...token(`token-of-${family}`, 9000), issuedAtMs, ...more }, family)
  await signIn('old', 1000)
  await signIn('latest', 3000)
  await signIn('middle', 2000)
  await signIn('expired', 1000, { expiresAtMs: 4000 })
  await signIn('revoked', 2500)
  await accounts.revokeFamily('revoked')
  await signIn('without a token', 2600)
  await accounts.revokeToken('token-of-without a token')
  await signIn("another's", 2700, { subject: 'ben' })
  await accounts.recordToken(token('alone', 9000))
  const found = async (atMost: number) => (await accounts.signInsOf('ann', 4000, atMost)).map(({ id }) => id)
  expect(await found(10)).toEqual(['latest', 'middle', 'old'])
  expect(await found(2)).toEqual(['latest', 'middle'])
  expect(await accounts.signInsOf('ann', 4000, 1)).toEqual([{ id: 'latest', beganAtMs: 3000, expiresAtMs: 9000 }])
})

test('a successor that ends earlier than another of its family does not shorten it, nor lengthen other families', async () => {
  const { accounts } = await openTempStore()
  await accounts.recordToken(token('first', 5000), 'family')
  await accounts.recordToken(token('other', 2000), 'other-family')
  await accounts.recordSuccessor(token('second', 3000), { id: 'first', endsAtMs: 1500 })
  await accounts.recordSuccessor(token('third', 6000), { id: 'second', endsAtMs: 1500 })
  await accounts.recordSuccessor(token('fourth', 4000), { id: 'first', endsAtMs: 1500 })
  const ends = async () => (await accounts.signInsOf('ann', 0, 10)).map(({ id, expiresAtMs }) => [id, expiresAtMs])
  expect((await ends()).toSorted()).toEqual([
    ['family', 6000],
    ['other-family', 2000],
  ])
})

test('a family that is revoked takes all of its tokens with it, and is not used any more', async () => {
  const accounts = await openFamily()
  await next(accounts, 'second', 'first')
  await accounts.recordToken(token('other'), 'other-family')
  await accounts.revokeFamily('family')
  const records = await accounts.tokensById(['first', 'second', 'other'])
  expect([...records.values()].map(({ id, revoked }) => [id, revoked]).sort()).toEqual([
    ['first', true],
    ['other', false],
    ['second', true],
  ])
  expect(await use(accounts, 'second')).toBe(false)
})

test('an account that is signed out by a command at the very moment of a refresh keeps no token, whichever comes first', async () => {
  const file = tempFile()
  const [{ accounts }, command] = [await openTempStore({ file }), await openTempStore({ file })]
  const left: number[] = []
  for (let ticks = 0; ticks < 60; ticks++) {
    const before = `before-${ticks}`
    await accounts.recordToken(token(before), `family-${ticks}`)
    const ending = command.accounts.revokeTokensOf('ann')
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
    await Promise.all([next(accounts, `after-${ticks}`, before), ending])
    if ((await accounts.tokenById(`after-${ticks}`))?.revoked === false) left.push(ticks)
  }
  expect(left).toEqual([])
})

test('a family is kept as long as a token of it, and pruned after that', async () => {
  const accounts = await openFamily()
  await next(accounts, 'second', 'first')
  expect(await accounts.pruneTokens(2500, 10)).toBe(false)
  expect(await accounts.tokenById('first')).toBeUndefined()
  expect((await recordOf(accounts, 'second')).family).toBeDefined()
  await accounts.pruneTokens(3500, 10)
  await accounts.recordToken(token('again'), 'family') // the name is free
  expect(await accounts.tokenById('second')).toBeUndefined()
})

test('of many families some are pruned at a time', async () => {
  const { accounts } = await openTempStore()
  for (let n = 0; n < 5; n++) await accounts.recordToken(token(`t${n}`, 2000 + n), `f${n}`)
  await accounts.pruneTokens(2500, 1)
  for (let n = 1; n < 5; n++) expect((await recordOf(accounts, `t${n}`)).family?.id).toBe(`f${n}`)
  expect([await accounts.pruneTokens(2500, 2), await accounts.pruneTokens(2500, 2)]).toEqual([true, true])
  expect(await accounts.pruneTokens(2500, 2)).toBe(false)
})
