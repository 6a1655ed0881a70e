import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createWechat, type WechatOptions } from '../../../src/wechat/create-wechat.ts'
import { startWechatStandIn } from '../../../src/wechat/wechat-stand-in.ts'
import { freePort } from '../../support/network/free-port.ts'

async function openWechat(
  change: Partial<WechatOptions> | ((settings: { base: string }) => Partial<WechatOptions>) = {},
) {
  const now = () => 1_700_000_000_000
  const standIn = await startWechatStandIn({ now })
  onTestFinished(() => standIn.close())
  const faults: Error[] = []
  const { base, appid, secret } = standIn
  const more = typeof change === 'function' ? change(standIn) : change
  const wechat = createWechat({ base, appid, secret, now, onFault: error => faults.push(error), ...more })
  return { wechat, standIn, faults }
}

/** Everything that a logger could find in an error. */
const textOf = (error: Error) => `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`

describe('a code that WeChat accepts', () => {
  test('gives the openid, the same for the same WeChat user', async () => {
    const { wechat, faults } = await openWechat()
    const ann = await wechat.openidOf('sandbox:ann:1')
    expect(ann).toMatch(/^o[\w-]{27}$/)
    expect(await wechat.openidOf('sandbox:ann:2')).toBe(ann)
    expect(await wechat.openidOf('sandbox:ben:1')).not.toBe(ann)
    expect(faults).toEqual([])
  })

  test('gives the openid whatever characters the code has', async () => {
    const { wechat } = await openWechat()
    expect(await wechat.openidOf('sandbox:ann:&appid=1#+%20?/=')).toBe(await wechat.openidOf('sandbox:ann:2'))
  })

  test('gives the openid with a base that ends in slashes', async () => {
    const { wechat } = await openWechat(({ base }) => ({ base: `${base}//` }))
    expect(await wechat.openidOf('sandbox:ann:1')).toMatch(/^o/)
  })

  test('gives the openid on loopback although the environment names a proxy', async () => {
    vi.stubEnv('http_proxy', `http://127.0.0.1:${await freePort()}`)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { wechat } = await openWechat()
    expect(await wechat.openidOf('sandbox:ann:1')).toMatch(/^o/)
  })
})

describe('a code is sent once', () => {
  test('one that was sent is refused without another request', async () => {
    const { wechat, standIn } = await openWechat()
    await wechat.openidOf('sandbox:ann:1')
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1003, isGuess: true })
    expect(standIn.requests).toBe(1)
  })

  test('of two calls at once with one code the second is refused', async () => {
    const { wechat, standIn } = await openWechat()
    const [first, second] = await Promise.all([wechat.openidOf('sandbox:ann:1'), wechat.openidOf('sandbox:ann:1')])
    expect(first).toMatch(/^o/)
    expect(second).toEqual({ refused: 1003, isGuess: true })
    expect(standIn.requests).toBe(1)
  })

  test('one that was lost on the way is not sent again', async () => {
    const { wechat, standIn } = await openWechat()
    standIn.answerNext('drop')
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
    await wechat.openidOf('sandbox:ann:1')
    expect(standIn.requests).toBe(1)
  })

  test.each(['drop', 'html', 45009, 40125, 99999] as const)(
    'who tries again with one on which WeChat had no verdict (%s) is asked for a new one, and has guessed nothing',
    async answer => {
      const { wechat, standIn } = await openWechat()
      standIn.answerNext(answer)
      await wechat.openidOf('sandbox:ann:1')
      expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
      expect(standIn.requests).toBe(1)
    },
  )
})

describe('errors of WeChat', () => {
  test.each([
    [-1, { refused: 1006, detail: 'busy' }],
    [45009, { refused: 1006, detail: 'busy' }],
    [45011, { refused: 1006, detail: 'busy' }],
    [40029, { refused: 1003, isGuess: true }],
    [40163, { refused: 1003, isGuess: true }],
    [40226, { refused: 1003, detail: 'high-risk user' }],
    [40013, { refused: 1003 }],
    [41002, { refused: 1003 }],
    [40125, { refused: 1003 }],
    [41004, { refused: 1003 }],
    [41008, { refused: 1003 }],
  ])('errcode %i is answered %j', async (errcode, answer) => {
    const { wechat, standIn } = await openWechat()
    standIn.answerNext(errcode)
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual(answer)
  })

  test('a malformed code is refused and no fault', async () => {
    const { wechat, faults } = await openWechat()
    expect(await wechat.openidOf('no-sandbox-code')).toEqual({ refused: 1003, isGuess: true })
    expect(faults).toEqual([])
  })

  test.each([
    [{ appid: 'wrong' }, /WECHAT_APPID.*40013/],
    [{ appid: '' }, /WECHAT_APPID.*41002/],
    [{ secret: 'wrong' }, /WECHAT_SECRET.*40125/],
    [{ secret: '' }, /WECHAT_SECRET.*41004/],
  ])('with %j the log names the setting', async (settings, message) => {
    const { wechat, faults } = await openWechat(settings)
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1003 })
    expect(faults.map(fault => fault.message)).toEqual([expect.stringMatching(message)])
  })
})

describe('WeChat cannot be reached', () => {
  test('an HTML error page asks to try again, and the next code works', async () => {
    const { wechat, standIn, faults } = await openWechat()
    standIn.answerNext('html')
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
    expect(faults[0]?.message).toContain('HTTP 500')
    expect(await wechat.openidOf('sandbox:ann:2')).toMatch(/^o/)
  })

  test('silence asks to try again after the timeout', async () => {
    const { wechat, standIn, faults } = await openWechat({ timeoutMs: 50 })
    standIn.answerNext('hang')
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
    expect(faults[0]?.message).toContain('no answer in time')
  })

  test('a dropped connection asks to try again', async () => {
    const { wechat, standIn, faults } = await openWechat()
    standIn.answerNext('drop')
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
    expect(faults[0]?.message).toContain('ECONNRESET')
  })

  test('a refused connection asks to try again', async () => {
    const { wechat, faults } = await openWechat({ base: `http://127.0.0.1:${await freePort()}` })
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
    expect(faults[0]?.message).toContain('ECONNREFUSED')
  })

  test('a redirect is not followed, for it would carry the secret elsewhere', async () => {
    const { wechat, standIn } = await openWechat()
    const elsewhere = await openWechat()
    const location = `${elsewhere.standIn.base}/sns/jscode2session`
    standIn.answerNext({ status: 302, headers: { location }, body: '' })
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
    expect(elsewhere.standIn.requests).toBe(0)
  })

  test('an answer that is too large is not read', async () => {
    const { wechat, standIn } = await openWechat()
    standIn.answerNext({ status: 200, body: JSON.stringify({ openid: 'oUser', padding: 'x'.repeat(20_000) }) })
    expect(await wechat.openidOf('sandbox:ann:1')).toEqual({ refused: 1006 })
  })

  test('a base that is not a URL is refused when the port is made', () => {
    const settings = { appid: 'a', secret: 's', now: Date.now, onFault: () => {} }
    expect(() => createWechat({ ...settings, base: 'nowhere' })).toThrow()
  })
})

test('no fault tells the secret, the code, the openid or the address', async () => {
  const { wechat, standIn, faults } = await openWechat({ timeoutMs: 50 })
  const withoutKeys = { status: 200, body: '{"session_key":"hidden-session-key"}' }
  const unreadable = { status: 200, body: '{"openid":"hidden-openid"' }
  const late = { status: 503, body: '{"openid":"hidden-openid"}' }
  standIn.answerNext('hang', 'drop', 'html', 40013, 40125, 99999, -1, withoutKeys, unreadable, late)
  for (let nonce = 0; nonce < 10; nonce++) await wechat.openidOf(`sandbox:ann:hidden-code-${nonce}`)
  const refused = await openWechat({ base: `http://127.0.0.1:${await freePort()}`, secret: standIn.secret })
  await refused.wechat.openidOf('sandbox:ann:hidden-code')
  const all = [...faults, ...refused.faults]
  expect(all).toHaveLength(11)
  for (const fault of all) {
    expect(textOf(fault)).not.toMatch(/hidden|sandbox|jscode2session|http:/)
    expect(textOf(fault)).not.toContain(standIn.secret)
  }
})
