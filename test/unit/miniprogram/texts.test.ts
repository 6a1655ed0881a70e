import { describe, expect, it } from 'vitest'
import { failureText, outcomeText } from '../../../miniprogram/app/texts/failures.ts'
import { phrases } from '../../../miniprogram/app/texts/phrases.ts'

describe('what a person reads when something was not done', () => {
  it('is a sentence in their language for a reply code', () => {
    expect(failureText({ code: 2002 }, 'en')).toBe('Wrong claim code.')
    expect(failureText({ code: 2002 }, 'zh-CN')).toBe('认领码错误。')
  })

  it('says when to try again', () => {
    expect(failureText({ code: 4029, retryAfter: 30 }, 'en')).toBe('Too many attempts. Try again in 30 seconds.')
    expect(failureText({ code: 4029, retryAfter: 893 }, 'en')).toBe('Too many attempts. Try again in 15 minutes.')
    expect(failureText({ code: 4029, retryAfter: 893 }, 'zh-CN')).toBe('操作过于频繁，请 15 分钟后再试。')
    expect(failureText({ code: 4029 }, 'en')).toBe('Too many attempts: slow down.')
  })

  it('tells a silent device, a lost connection, a refusal and a word of the device itself apart', () => {
    expect(outcomeText({ done: true }, 'en')).toBe('')
    expect(outcomeText({ done: false, replaced: true }, 'en')).toBe('')
    expect(outcomeText({ done: false, msg: 'no answer in time' }, 'en')).toBe('The device did not answer.')
    expect(outcomeText({ done: false, msg: 'offline' }, 'en')).toMatch(/^No connection/)
    expect(outcomeText({ done: false, code: 2004, msg: 'x' }, 'en')).toBe('The device is offline.')
    expect(outcomeText({ done: false, code: 77, msg: 'bulb missing' }, 'en')).toBe('bulb missing')
    expect(outcomeText({ done: false, code: 77, msg: '' }, 'en')).toBe('77')
  })

  it('is what a device says, also where its code means something else elsewhere', () => {
    expect(outcomeText({ done: false, code: 1, msg: 'bulb missing' }, 'en')).toBe('bulb missing')
    expect(outcomeText({ done: false, code: 1003, msg: '' }, 'en')).toBe('1003')
  })

  it('does not blame the device when the person lost it or signed out', () => {
    expect(outcomeText({ done: false, msg: 'not yours any more' }, 'en')).toBe('This device is not yours any more.')
    expect(outcomeText({ done: false, msg: 'signed out' }, 'en')).toBe('')
  })
})

describe('phrases', () => {
  it('count and tell time in both languages', () => {
    expect(phrases.en.deviceCount(1, 1)).toBe('1 device · 1 online')
    expect(phrases.en.offlineFor(0.2)).toBe('Offline since just now')
    expect(phrases.en.offlineFor(15)).toBe('Offline for 15 minutes')
    expect(phrases.en.offlineFor(61)).toBe('Offline for 1 hour')
    expect(phrases.en.offlineFor(60 * 50)).toBe('Offline for 2 days')
    expect(phrases['zh-CN'].offlineFor(60 * 3)).toBe('已离线 3 小时')
    expect(phrases['zh-CN'].greeting(9, '小明')).toBe('早上好，小明')
  })
})
