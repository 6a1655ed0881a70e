import { expect, test } from 'vitest'
import {
  displayNameSchema,
  foldUsername,
  newUsernameSchema,
  usernameSchema,
} from '../../../src/protocol/identifiers.ts'

const isDisplayName = (name: string) => displayNameSchema.safeParse(name).success

test.each([
  'Kitchen lamp',
  '客厅的灯（大）',
  'Ζώνη 2 — 21 ℃, 30 ㎡ ★ №5 ©',
  '💡 lamp',
  '❤️ ☎︎',
  '👩🏽‍🚒 👨‍👩‍👧‍👦 🏳️‍🌈 🇨🇳 1️⃣',
  'e\u0301',
  ' a ',
])('a device may be called %j', name => {
  expect(isDisplayName(name)).toBe(true)
})

test.each([
  ['nothing', ''],
  ['spaces alone', ' \u3000\u00a0'],
  ['a control character', 'a\u0007'],
  ['a line', 'a\nb'],
  ['a line separator', 'a\u2028b'],
  ['what turns text around', 'a\u202eb'],
  ['a mark of direction', 'a\u200eb'],
  ['an isolate', '\u2066a\u2069'],
  ['a space without width', 'a\u200bb'],
  ['a joiner between letters', 'a\u200db'],
  ['a joiner after an emoji', '💡\u200d'],
  ['a variation selector at a letter', 'a\ufe0f'],
  ['a filler that shows nothing', '\u3164'],
  ['a soft hyphen', 'a\u00adb'],
  ['a tag', '💡\u{e0067}'],
  ['a blank of Braille', '\u2800'],
  ['half a character', '\ud800'],
  ['a private character', '\ue000'],
])('and not %s', (_what, name) => {
  expect(isDisplayName(name)).toBe(false)
})

test('it has 64 characters, as people count them, however it was typed', () => {
  expect(isDisplayName('e\u0301'.repeat(64))).toBe(true)
  expect(isDisplayName('💡'.repeat(64))).toBe(true)
  expect(isDisplayName('é'.repeat(65))).toBe(false)
  expect(isDisplayName('💡'.repeat(65))).toBe(false)
})

test('a long invalid name is refused at once', () => {
  const startedAt = performance.now()
  expect(isDisplayName(`${'💡'.repeat(16_000)}\u0007`)).toBe(false)
  for (const part of ['💡', '👩🏽', '1', '❤️', '👩\u200d']) expect(isDisplayName(`${part.repeat(20)}\u0007`)).toBe(false)
  expect(performance.now() - startedAt).toBeLessThan(1000)
})

const isNewUsername = (name: string) => newUsernameSchema.safeParse(name).success

test.each(['ann', 'Zoë', '王小明', 'o’neil + 3', 'عمر'])('a user may be called %j', name => {
  expect(isNewUsername(name)).toBe(true)
})

test.each([
  ['a joiner', 'a\u034fnn'],
  ['a filler that shows nothing', 'ann\u3164'],
  ['a filler that shows nothing', '\u115f\u1160'],
  ['a variation selector', 'ann\ufe0f'],
  ['a space without width', 'a\u200bnn'],
  ['what turns text around', 'a\u202enn'],
  ['a space at an end', 'ann '],
  ['nothing', ''],
])('a new user name has not %s', (_what, name) => {
  expect(isNewUsername(name)).toBe(false)
})

const problemOf = (schema: typeof newUsernameSchema, name: string) => schema.safeParse(name).error?.issues[0]?.message

test.each([
  ['', 'must be 1 to 64 characters'],
  ['x'.repeat(65), 'must be 1 to 64 characters'],
  [' ann', 'must not begin or end with a space'],
  ['a\u200bnn', 'nothing invisible (U+200B is none of these)'],
  ['ann💡', '(U+1F4A1 is none of these)'],
  ['ann\n!', '(U+000A is none of these)'],
])('who is refused the user name %j is told by which rule', (name, rule) => {
  expect(problemOf(newUsernameSchema, name)).toContain(rule)
})

test.each([
  ['  ', 'must not be blank'],
  ['💡\u200d', 'nothing invisible (U+200D is none of these)'],
  ['👩🏽‍🚒 a\u200bb', 'nothing invisible (U+200B is none of these)'],
])('who is refused the name %j for a device is told by which rule', (name, rule) => {
  expect(problemOf(displayNameSchema, name)).toContain(rule)
})

test('an account that has had such a name from an earlier version still signs in with it', () => {
  for (const name of ['a\u034fnn', 'ann\u3164', 'ann\ufe0f']) expect(usernameSchema.safeParse(name).success).toBe(true)
})

test('a user name has 64 characters however it was typed', () => {
  for (const schema of [usernameSchema, newUsernameSchema]) {
    expect(schema.safeParse('e\u0301'.repeat(64)).success).toBe(true)
    expect(schema.safeParse('é'.repeat(65)).success).toBe(false)
    expect(schema.safeParse('e\u0301'.repeat(65)).success).toBe(false)
  }
})

test('folding a name is the same for every spelling of a letter: small, capital and compatible', () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const sign = String.fromCodePoint(point)
    const folded = foldUsername(sign)
    const spellings = [sign.toLowerCase(), sign.toUpperCase(), sign.normalize('NFKC'), folded].map(foldUsername)
    if (spellings.some(spelling => spelling !== folded))
      expect([sign, ...spellings]).toEqual([sign, folded, folded, folded, folded])
  }
})
