import { describe, expect, test } from 'vitest'
import { sessionVerdict } from '../../../src/wechat/session-verdict.ts'

const ofBody = (body: unknown) => sessionVerdict(200, JSON.stringify(body))
const ofErrcode = (errcode: number) => ofBody({ errcode, errmsg: 'words' })

describe('success', () => {
  test('an openid without an errcode is the WeChat user', () => {
    expect(ofBody({ openid: 'oUser', session_key: 'key', unionid: 'u' })).toEqual({ outcome: 'oUser' })
  })

  test('an openid with errcode 0 is the WeChat user', () => {
    expect(ofBody({ errcode: 0, errmsg: 'ok', openid: 'oUser' })).toEqual({ outcome: 'oUser' })
  })

  test.each([{}, { errcode: 0 }, { session_key: 'key' }, { openid: '' }])(
    '%j is a fault: success without a user',
    body => {
      const { outcome, fault } = ofBody(body)
      expect(outcome).toEqual({ refused: 1003 })
      expect(fault).toContain('neither an error nor an openid')
    },
  )
})

describe('errors of WeChat', () => {
  test.each([40029, 40163])('errcode %i is the code refused: no fault of ours', errcode => {
    expect(ofErrcode(errcode)).toEqual({ outcome: { refused: 1003, isGuess: true } })
  })

  test('errcode 40226 says why', () => {
    expect(ofErrcode(40226)).toEqual({ outcome: { refused: 1003, detail: 'high-risk user' } })
  })

  test.each([-1, 45009, 45011])('errcode %i says busy, and asks to try again', errcode => {
    const { outcome, fault } = ofErrcode(errcode)
    expect(outcome).toEqual({ refused: 1006, detail: 'busy' })
    expect(fault).toContain(String(errcode))
  })

  test.each([
    [40013, 'WECHAT_APPID'],
    [41002, 'WECHAT_APPID'],
    [40125, 'WECHAT_SECRET'],
    [41004, 'WECHAT_SECRET'],
  ])('errcode %i is a fault that names the setting %s', (errcode, setting) => {
    const { outcome, fault } = ofErrcode(errcode)
    expect(outcome).toEqual({ refused: 1003 })
    expect(fault).toContain(setting)
  })

  test.each([41008, 40002, 99999])('errcode %i, which nobody expects, is a fault with its number', errcode => {
    const { outcome, fault } = ofErrcode(errcode)
    expect(outcome).toEqual({ refused: 1003 })
    expect(fault).toContain(String(errcode))
  })

  test('an errcode counts more than an openid beside it', () => {
    expect(ofBody({ errcode: 40029, openid: 'oUser' }).outcome).toEqual({ refused: 1003, isGuess: true })
  })

  test('an error with HTTP 400 is read like any other', () => {
    expect(sessionVerdict(400, '{"errcode":40029}').outcome).toEqual({ refused: 1003, isGuess: true })
  })
})

describe('what is not an answer', () => {
  test.each(['', 'null', '[]', '"text"', '<html>', '{"openid":', '{"openid":7}', '{"errcode":"40029"}'])(
    'the body %j asks to try again',
    body => {
      const { outcome, fault } = sessionVerdict(200, body)
      expect(outcome).toEqual({ refused: 1006 })
      expect(fault).toContain('HTTP 200')
    },
  )

  test('HTTP 5xx is no answer, even with an openid in it', () => {
    expect(sessionVerdict(502, '{"openid":"oUser"}').outcome).toEqual({ refused: 1006 })
  })

  test('an openid beyond 128 characters is none', () => {
    expect(ofBody({ openid: 'o'.repeat(129) }).outcome).toEqual({ refused: 1006 })
  })
})
