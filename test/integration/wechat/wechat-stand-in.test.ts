import { expect, onTestFinished, test } from 'vitest'
import * as z from 'zod/mini'
import { startWechatStandIn, type WechatStandIn } from '../../../src/wechat/wechat-stand-in.ts'

const bodySchema = z.looseObject({
  errcode: z.optional(z.number()),
  openid: z.optional(z.string()),
  session_key: z.optional(z.string()),
})

async function openStandIn(startMs = 0) {
  let nowMs = startMs
  const standIn = await startWechatStandIn({ now: () => nowMs })
  onTestFinished(() => standIn.close())
  const ask = (params: Readonly<Record<string, string>>) => answerOf(standIn, params)
  return { standIn, ask, pass: (ms: number) => (nowMs += ms) }
}

async function answerOf({ base, appid, secret }: WechatStandIn, params: Readonly<Record<string, string>>) {
  const query = new URLSearchParams({ appid, secret, grant_type: 'authorization_code', ...params })
  const response = await fetch(`${base}/sns/jscode2session?${query}`)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: bodySchema.parse(await response.json()),
  }
}

test('it answers as WeChat does: HTTP 200 and text/plain, for errors too, and no errcode on success', async () => {
  const { ask } = await openStandIn()
  const success = await ask({ js_code: 'sandbox:ann:1' })
  expect(success).toMatchObject({ status: 200, type: 'text/plain' })
  expect(Object.keys(success.body).sort()).toEqual(['openid', 'session_key'])
  const error = await ask({ js_code: 'sandbox:ann:1' })
  expect(error).toMatchObject({ status: 200, type: 'text/plain', body: { errcode: 40163 } })
})

test('a WeChat user keeps the openid after a restart', async () => {
  const before = await (await openStandIn()).ask({ js_code: 'sandbox:ann:1' })
  const after = await (await openStandIn()).ask({ js_code: 'sandbox:ann:1' })
  expect(after.body.openid).toBe(before.body.openid)
  expect(after.body.session_key).not.toBe(before.body.session_key)
})

test.each([
  [{ appid: '' }, 41002],
  [{ appid: 'wrong' }, 40013],
  [{ secret: '' }, 41004],
  [{ secret: 'wrong' }, 40125],
  [{ grant_type: 'other' }, 40002],
  [{ js_code: '' }, 41008],
  [{ js_code: 'sandbox' }, 40029],
  [{ js_code: 'sandbox::1' }, 40029],
  [{ js_code: 'sandbox:ann:' }, 40029],
])('with %j it answers errcode %i', async (params, errcode) => {
  const { ask } = await openStandIn()
  expect((await ask({ js_code: 'sandbox:ann:1', ...params })).body.errcode).toBe(errcode)
})

test('a request that was refused for its settings does not spend the code', async () => {
  const { ask } = await openStandIn()
  await ask({ js_code: 'sandbox:ann:1', secret: 'wrong' })
  expect((await ask({ js_code: 'sandbox:ann:1' })).body).toHaveProperty('openid')
})

test('a code is single-use for five minutes, after which it is forgotten', async () => {
  const { ask, pass } = await openStandIn()
  await ask({ js_code: 'sandbox:ann:1' })
  pass(5 * 60_000)
  expect((await ask({ js_code: 'sandbox:ann:1' })).body).toHaveProperty('openid')
})

test('answers planned ahead come in order, one a request, and then its own again', async () => {
  const { standIn, ask } = await openStandIn()
  standIn.answerNext(-1, { status: 418, body: '{"teapot":true}' })
  expect((await ask({ js_code: 'sandbox:ann:1' })).body.errcode).toBe(-1)
  expect(await ask({ js_code: 'sandbox:ann:1' })).toMatchObject({ status: 418, body: { teapot: true } })
  expect((await ask({ js_code: 'sandbox:ann:1' })).body).toHaveProperty('openid')
  expect(standIn.requests).toBe(3)
})

test('it knows no other path', async () => {
  const { standIn } = await openStandIn()
  expect((await fetch(`${standIn.base}/cgi-bin/token`)).status).toBe(404)
  expect(standIn.requests).toBe(0)
})

test('it closes at once, open and unanswered connections included', async () => {
  const { standIn } = await openStandIn()
  standIn.answerNext('hang')
  const unanswered = expect(fetch(`${standIn.base}/sns/jscode2session`)).rejects.toThrow()
  await expect.poll(() => standIn.requests).toBe(1)
  await standIn.close()
  await unanswered
})
