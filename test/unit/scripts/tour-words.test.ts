import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chinese } from '../../../scripts/tour/chinese.ts'
import { wordsFor } from '../../../scripts/tour/words.ts'
import { packageRoot } from '../../../src/app/package-root.ts'

test.each([
  [{ LANG: 'zh_CN.UTF-8' }, '认领：0'],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'zh_TW' }, '认领：0'],
  [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, 'claim: 0'],
  [{ LANG: 'de_DE.UTF-8' }, 'claim: 0'],
  [{}, 'claim: 0'],
])('with %j the tour says %s', (env, said) => {
  expect(wordsFor(env)('claim: 0')).toBe(said)
})

test('every sentence of the tour is there in Chinese, and none that the tour does not say', () => {
  const read = (file: string) => readFileSync(join(packageRoot(), 'scripts', file), 'utf8')
  const source = read('tour.ts') + read('tour/tour-client.ts')
  const literal = String.raw`('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`
  const said = [...source.matchAll(new RegExp(String.raw`\b(?:heading|check|words|refused)\(\s*${literal}`, 'g'))]
  const sentences = said.map(([, text = '']) => text.slice(1, -1))
  expect(sentences.length).toBeGreaterThan(30)
  expect([...new Set(sentences)].sort()).toEqual(Object.keys(chinese).sort())
})
