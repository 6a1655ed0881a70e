import { describe, expect, it, vi } from 'vitest'
import { createLanguage } from '../../../miniprogram/app/services/language.ts'

const phone = (language: string, kept = new Map<string, string>()) => ({
  language: () => language,
  storage: {
    get: (key: string) => kept.get(key),
    set: (key: string, text: string) => void kept.set(key, text),
    remove: (key: string) => void kept.delete(key),
  },
})

describe('the language', () => {
  it('is that of the phone, and English where it is not Chinese', () => {
    expect(createLanguage(phone('zh_CN')).locale).toBe('zh-CN')
    expect(createLanguage(phone('zh_TW')).locale).toBe('zh-CN')
    expect(createLanguage(phone('fr')).locale).toBe('en')
  })

  it('is what the person chose, also after a restart, until they choose that of the phone again', () => {
    const kept = new Map<string, string>()
    const language = createLanguage(phone('zh_CN', kept))
    const changed = vi.fn()
    language.onChange(changed)
    language.choose('en')
    expect([language.locale, changed.mock.calls.length]).toEqual(['en', 1])
    expect(createLanguage(phone('zh_CN', kept))).toMatchObject({ locale: 'en', choice: 'en' })
    language.choose('auto')
    expect(createLanguage(phone('zh_CN', kept))).toMatchObject({ locale: 'zh-CN', choice: 'auto' })
  })
})
