import { expect, it } from 'vitest'
import { createKeptSignIn } from '../../../miniprogram/app/services/kept-sign-in.ts'
import type { Link } from '../../../miniprogram/app/services/link.ts'
import { createSigningIn } from '../../../miniprogram/app/services/signing-in.ts'

const me = (tokenExpiresAt: number) => ({
  ok: true,
  data: { userId: 'u', username: 'alice', role: 'user', tokenExpiresAt },
})

/** Signed in with `old`; what is asked waits in `asked` for its answer. */
function setUp() {
  const storage = new Map<string, string>()
  const kept = createKeptSignIn({
    get: key => storage.get(key),
    set: (key, text) => void storage.set(key, text),
    remove: key => void storage.delete(key),
  })
  kept.keep('old', 1000, 0)
  const asked: { operation: string; answer: (answer: object) => void }[] = []
  const ask = (operation: string) => new Promise(answer => asked.push({ operation, answer }))
  const link = { isOpen: true, ask } as unknown as Link
  const line = { current: link, open: async () => ({ link }), drop() {}, anew() {}, close() {} }
  const signingIn = createSigningIn({
    line,
    kept,
    platform: { loginCode: async () => 'code', now: () => 1_000_000 },
    md5: text => text,
    entered: () => {},
  })
  return { kept, asked, signingIn }
}

it('a token that took the place of another is kept at once, whether or not the broker says how long it is good for', async () => {
  const { kept, asked, signingIn } = setUp()
  const replaced = signingIn.replaced('new')
  expect(kept.token).toBe('new')
  asked[0]?.answer({ ok: false, code: 'timeout' })
  await replaced
  expect(kept.token).toBe('new')
})

it('a refreshed token that was replaced meanwhile is not kept when its answer comes late', async () => {
  const { kept, asked, signingIn } = setUp()
  const refreshed = signingIn.refresh()
  asked[0]?.answer({ ok: true, data: 'refreshed' })
  await expect.poll(() => asked.length).toBe(2)
  const replaced = signingIn.replaced('new')
  asked[2]?.answer(me(3))
  await replaced
  expect(kept.token).toBe('new')
  asked[1]?.answer(me(2))
  await refreshed
  expect(kept).toMatchObject({ token: 'new', expiresAtMs: 3000 })
})
