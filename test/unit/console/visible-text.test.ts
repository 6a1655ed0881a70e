import { expect, test } from 'vitest'
import { visibleText } from '../../../console/parts/visible-text.ts'

test.each([
  ['plain text, 中文 and é', 'plain text, 中文 and é'],
  ['\u202egnp.eci', '\\u{202e}gnp.eci'],
  ['\u001b[31mred', '\\u{1b}[31mred'],
  ['two\nlines\u2028', 'two\\u{a}lines\\u{2028}'],
  ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
  ['half \ud800 of a pair', 'half \\u{d800} of a pair'],
  ['<img onerror>', '<img onerror>'],
])('%j is shown as %s', (text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

test('what is too long is cut, with its length', () => {
  expect(visibleText('A'.repeat(65_536))).toBe(`${'A'.repeat(200)}… (65536)`)
  expect(visibleText('A'.repeat(201), 300)).toHaveLength(201)
})
