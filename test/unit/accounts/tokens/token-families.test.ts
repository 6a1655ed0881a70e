import { describe, expect, it } from 'vitest'
import { createTokens, type IssuedToken, type TokenOptions } from '../../../../src/accounts/tokens/tokens.ts'
import { createFakeAccountStore } from '../fake-account-store.ts'
import { createFakeKeyRing } from '../fake-key-ring.ts'

const bob = { id: 'id-of-bob', username: 'bob', role: 'user', disabled: false, createdAtMs: 0 } as const
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

function setUp(more: Partial<TokenOptions> = {}) {
  const clock = { nowMs: 1_800_000_000_000 }
  const { keys } = createFakeKeyRing()
  const fake = createFakeAccountStore()
  const lives = { lifetimeSeconds: 12 * 3600, familyMaxDays: 90 }
  const names = { issuer: 'latchkey', audience: 'home', aclClaim: false }
  const tokens = createTokens({ keys, store: fake.store, now: () => clock.nowMs, ...names, ...lives, ...more })
  async function succeed(before: IssuedToken): Promise<IssuedToken> {
    const next = await tokens.succeed(bob, before.id)
    if (typeof next === 'string') throw new Error(next)
    return next
  }
  const use = async ({ token }: IssuedToken) => {
    const used = await tokens.use(token)
    if (typeof used === 'string') return used
    return 'reused' in used ? 'reused' : 'used'
  }
  return { tokens, clock, succeed, use, ...fake }
}

describe('the predecessor of a token that was refreshed', () => {
  it('is taken until its successor is used, and then is a token used after its successor', async () => {
    const { tokens, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    const second = await succeed(first)
    expect(await use(first)).toBe('used')
    expect(await use(second)).toBe('used')
    expect(await use(second)).toBe('used')
    expect(await use(first)).toBe('reused')
    expect(await tokens.verify(first.token)).toBe('token-reused')
  })

  it('is taken for ten minutes, and is then refused without a word against its family', async () => {
    const { tokens, clock, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    const second = await succeed(first)
    clock.nowMs += 10 * minuteMs - 1
    expect(await use(first)).toBe('used')
    clock.nowMs += 1
    expect(await use(first)).toBe('token-replaced')
    expect(await use(second)).toBe('used')
  })

  it('is given another successor as long as none was used, for ten minutes more: a reply may be lost twice', async () => {
    const { tokens, clock, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    await succeed(first)
    clock.nowMs += 9 * minuteMs
    const again = await succeed(first)
    clock.nowMs += 9 * minuteMs
    expect(await use(first)).toBe('used')
    expect(await use(again)).toBe('used')
    expect(await use(first)).toBe('reused')
  })

  it('is given none when its successor was used', async () => {
    const { tokens, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    await use(await succeed(first))
    expect(await tokens.succeed(bob, first.id)).toBe('reused')
  })
})

describe('of one family', () => {
  it('one token of those refreshed from the same may be used, and the others end with that', async () => {
    const { tokens, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    const [mine, theirs] = [await succeed(first), await succeed(first)]
    expect(await use(mine)).toBe('used')
    expect(await use(theirs)).toBe('reused')
    expect(await tokens.succeed(bob, theirs.id)).toBe('reused')
  })

  it('after days of refreshing on one connection CONNECT accepts the newest token, which ends all before it', async () => {
    const { tokens, succeed, use } = setUp()
    const all = [await tokens.beginFamily(bob)]
    for (let n = 0; n < 4; n++) all.push(await succeed(all[n] ?? (await tokens.beginFamily(bob))))
    const newest = all.pop()
    expect(newest && (await use(newest))).toBe('used')
    for (const older of all) expect(await use(older)).toBe('reused')
  })

  it('two that branched off are found out at the latest when one has come further than the other', async () => {
    const { tokens, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    const thief = await succeed(await succeed(first)) // never comes back to CONNECT
    const owner = await succeed(first)
    expect(await use(owner)).toBe('used')
    expect(await use(thief)).toBe('used')
    expect(await use(owner)).toBe('reused')
  })

  it('all are refused when one is revoked, those too that were refreshed meanwhile; another family is not', async () => {
    const { tokens, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    const second = await succeed(first)
    const other = await tokens.beginFamily(bob)
    await tokens.revoke(first.id)
    for (const token of [first, second]) expect(await use(token)).toBe('token-revoked')
    expect(await tokens.succeed(bob, second.id)).toBe('revoked')
    expect(await use(other)).toBe('used')
  })

  it('a token that is taken back, for nobody got it, leaves the others as they were', async () => {
    const { tokens, succeed, use } = setUp()
    const first = await tokens.beginFamily(bob)
    const second = await succeed(first)
    await tokens.discard(second.id)
    expect(await use(second)).toBe('token-revoked')
    expect(await use(first)).toBe('used')
  })
})

describe('the age of a family', () => {
  it('bounds every token of it, the first too, and then there is no successor', async () => {
    const { tokens, clock, succeed } = setUp({ lifetimeSeconds: 20 * 24 * 3600, familyMaxDays: 30 })
    const beganAtMs = clock.nowMs
    const first = await tokens.beginFamily(bob)
    clock.nowMs += 19 * dayMs
    const second = await succeed(first)
    expect(second.expiresAtMs).toBe(beganAtMs + 30 * dayMs)
    clock.nowMs = second.expiresAtMs - 1000
    expect((await succeed(second)).expiresAtMs).toBe(second.expiresAtMs)
    clock.nowMs = second.expiresAtMs
    expect(await tokens.succeed(bob, second.id)).toBe('family-over')
    const short = setUp({ lifetimeSeconds: 20 * 24 * 3600, familyMaxDays: 2 })
    expect((await short.tokens.beginFamily(bob)).expiresAtMs).toBe(short.clock.nowMs + 2 * dayMs)
  })
})

describe('a token without a family', () => {
  it('has no successor when it was issued on the command line, and is good until its exp', async () => {
    const { tokens, clock, use } = setUp()
    const issued = await tokens.issueForAccount(bob, 3600)
    expect(issued.familyId).toBeUndefined()
    expect(await tokens.succeed(bob, issued.id)).toBe('alone')
    clock.nowMs = issued.expiresAtMs - 1
    expect(await use(issued)).toBe('used')
  })

  it('begins a family when an earlier version issued it, and stays good until its exp', async () => {
    const { tokens, records, succeed, use } = setUp()
    const issued = await tokens.issueForAccount(bob, 3600)
    const { aclHash: _, ...earlier } = Object(records.get(issued.id))
    records.set(issued.id, earlier)
    const next = await succeed(issued)
    expect(next.familyId).toBeTypeOf('string')
    expect(await use(next)).toBe('used')
    expect(await use(issued)).toBe('used')
  })
})
