import { expect, test } from 'vitest'
import { exportAccount } from '../../../miniprogram/app/services/export-account.ts'
import type { Result } from '../../../miniprogram/app/services/failure.ts'
import type { Session } from '../../../miniprogram/app/services/session.ts'

const day = (n: number) => ({ deviceId: 'plug-1', property: 'energy', day: n, min: 0, max: 1, avg: 0.5, rise: 1 })
const account = { exportedAt: 1, account: { userId: 'u', username: 'ann', createdAt: 0 }, wechat: [], devices: [] }

/** A session that gives these answers to `account/history`, one after the other. */
function sessionWith(pages: readonly Result<unknown>[]) {
  const asked: unknown[] = []
  const answers = [...pages]
  const request = async (operation: string, body: unknown) => {
    if (operation === 'account/export') return { ok: true, data: account }
    asked.push(body)
    return answers.shift()
  }
  return { asked, session: { request: request as Session['request'] } }
}

test('the account comes with all pages of its history, each asked for once, after a pause where the broker wants one', async () => {
  const { asked, session } = sessionWith([
    { ok: true, data: { days: [day(1), day(2)], next: 'a' } },
    { ok: false, code: 4029, retryAfter: 7 },
    { ok: true, data: { days: [day(3)] } },
  ])
  const [told, waited]: number[][] = [[], []]
  const exported = await exportAccount({
    session,
    progress: days => told?.push(days),
    isWanted: () => true,
    wait: async seconds => void waited?.push(seconds),
  })
  expect(exported).toEqual({ ok: true, data: { ...account, history: [day(1), day(2), day(3)] } })
  expect(asked).toEqual([{}, { after: 'a' }, { after: 'a' }])
  expect([told, waited]).toEqual([[2, 3], [7]])
})

test('a refusal ends it, and so does a page that was left', async () => {
  const refused = sessionWith([{ ok: false, code: 'timeout' }])
  const options = { progress: () => {}, isWanted: () => true }
  expect(await exportAccount({ session: refused.session, ...options })).toEqual({ ok: false, code: 'timeout' })

  const left = sessionWith([
    { ok: true, data: { days: [day(1)], next: 'a' } },
    { ok: true, data: { days: [] } },
  ])
  expect(await exportAccount({ session: left.session, ...options, isWanted: () => false })).toMatchObject({ ok: false })
  expect(left.asked).toHaveLength(1)
})
