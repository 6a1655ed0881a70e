import { chinese } from './chinese.ts'

/** Says a sentence in the reader's language; what stands in braces is put in. */
export type Words = (english: string, values?: Readonly<Record<string, string | number>>) => string

/** The language that POSIX's variables name: Chinese for `zh_CN.UTF-8` and its like, else English. */
export function wordsFor(env: Readonly<Record<string, string | undefined>>): Words {
  const isChinese = /^zh/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '')
  return (english, values = {}) =>
    (isChinese ? (chinese[english] ?? english) : english).replace(/\{(\w+)\}/g, (all, name) => `${values[name] ?? all}`)
}
