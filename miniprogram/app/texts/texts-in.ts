import type { Locale } from '../../../src/protocol/codes.ts'
import { en, type Texts } from './en.ts'
import { zhCn } from './zh-cn.ts'

/** The texts of a language. */
export const textsIn = (locale: Locale): Texts => (locale === 'en' ? en : zhCn)
