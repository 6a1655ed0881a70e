import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Declaration, parse, type Rule } from 'postcss'
import { describe, expect, it, test } from 'vitest'

const app = join(import.meta.dirname, '../../../miniprogram/app')
const paths = readdirSync(app, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && !entry.parentPath.includes('vendor'))
  .map(entry => join(entry.parentPath, entry.name))
const filesOf = (pattern: RegExp) =>
  paths
    .filter(path => pattern.test(path))
    .map(path => ({ path, name: basename(path), text: readFileSync(path, 'utf8') }))
const sheets = filesOf(/\.wxss$/)
const tokens = sheets.find(({ name }) => name === 'tokens.wxss')?.text ?? ''

const withoutPictures = (text: string) => text.replace(/url\(("[^"]*"|[^)]*)\)/g, 'url()')
const named = 'white|black|red|green|blue|yellow|orange|purple|pink|brown|teal|navy|gold|gr[ae]y|silver|crimson|tomato'
const colour = new RegExp(
  `#[\\da-f]{3,8}\\b|\\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\\(|(?<![\\w-])(?:${named})(?![\\w-])`,
  'i',
)
const time = /(?<![\w-])\d*\.?\d+m?s\b/

/** The declarations of a sheet, each with the selector of its rule. */
function declarationsOf(css: string): { selector: string; property: string; value: string }[] {
  const found: { selector: string; property: string; value: string }[] = []
  parse(css).walkDecls((declaration: Declaration) => {
    const { parent } = declaration
    const selector = parent?.type === 'rule' ? (parent as Rule).selector : ''
    found.push({ selector, property: declaration.prop, value: withoutPictures(declaration.value) })
  })
  return found
}

const literalsIn = (css: string): string[] =>
  declarationsOf(css)
    .filter(({ value }) => colour.test(value) || time.test(value))
    .map(({ selector, property, value }) => `${selector} { ${property}: ${value} }`)

test('no style sheet but that of the tokens has a colour or a time of its own', () => {
  expect(sheets.length).toBeGreaterThan(20)
  const literals = sheets.filter(({ name }) => name !== 'tokens.wxss').map(({ name, text }) => [name, literalsIn(text)])
  expect(literals.filter(([, found]) => found?.length)).toEqual([])
})

test('a literal is found whatever it looks like', () => {
  for (const value of [
    '#fff',
    'rgba(1, 2, 3, 0.5)',
    'HSL(1 2% 3%)',
    'white',
    '1rpx solid red',
    'opacity 0.2s',
    'a 90ms',
  ])
    expect(literalsIn(`.a { x: ${value} }`), value).toHaveLength(1)
  for (const value of ['transparent', 'currentColor', 'var(--on-white)', 'opacity var(--quick)', 'url("#fff")'])
    expect(literalsIn(`.a { x: ${value} }`), value).toHaveLength(0)
})

test('no page or component writes a colour into its markup', () => {
  for (const { path, text } of filesOf(/\.wxml$/)) {
    const written = [...text.matchAll(/\b(?:style|color|\w+Color)="([^"]*)"/g)].map(([, value = '']) => value)
    expect([path, ...written.filter(value => colour.test(value))]).toEqual([path])
  }
})

/** What is `--name: value` in the light theme, and in the dark one, which says only what is different. */
function themes(): { light: Map<string, string>; dark: Map<string, string> } {
  const [light = '', dark = ''] = tokens.split('@media')
  const read = (text: string) =>
    new Map([...text.matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value]))
  return { light: read(light), dark: new Map([...read(light), ...read(dark)]) }
}

test('the pages’ own colours are those of the bars and dialogs that WeChat draws', () => {
  const bars = JSON.parse(readFileSync(join(app, 'theme.json'), 'utf8'))
  const page = filesOf(/page\.ts$/).find(({ path }) => path === join(app, 'page.ts'))?.text ?? ''
  for (const [theme, values] of Object.entries(themes())) {
    expect(bars[theme]).toMatchObject({
      navigationBackground: values.get('--page'),
      pageBackground: values.get('--page'),
      tabSelected: values.get('--brand'),
      tabText: values.get('--muted'),
    })
    expect(contrast(bars[theme].tabText, bars[theme].tabBackground)).toBeGreaterThan(4.5)
    expect(contrast(bars[theme].tabSelected, bars[theme].tabBackground)).toBeGreaterThan(4.5)
    expect(page).toContain(`${theme}: '${values.get('--danger')}'`)
  }
  const inCode = filesOf(/\.ts$/).flatMap(({ text }) => text.match(/#[\da-f]{6}\b/gi) ?? [])
  expect(inCode).toHaveLength(2)
})

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

describe.each(Object.entries(themes()))('in the %s theme', (_, values) => {
  it.each([
    ['--text', ['--page', '--card', '--raised', '--chosen', '--lamp-soft', '--plug-soft']],
    ['--muted', ['--page', '--card', '--raised', '--idle', '--lamp-soft', '--plug-soft']],
    ['--brand', ['--page', '--card', '--brand-soft']],
    ['--on-brand', ['--brand']],
    ['--danger', ['--danger-soft', '--card']],
    ['--warn', ['--warn-soft']],
  ])('%s is read on all that it stands on', (ink, papers) => {
    for (const paper of papers) {
      const ratio = contrast(values.get(ink) ?? '', values.get(paper) ?? '')
      expect([paper, Math.round(ratio * 10) / 10 >= 4.5 || ratio]).toEqual([paper, true])
    }
  })
})

describe('motion', () => {
  it('of a state, a press and what appears takes 150 to 200 ms', () => {
    const { light } = themes()
    expect(light.get('--quick')).toMatch(/^1[5-9]\dms$|^200ms$/)
    const moving = sheets
      .flatMap(({ text }) => declarationsOf(text))
      .filter(({ property }) => property === 'transition')
    expect(moving.length).toBeGreaterThan(8)
    for (const { value } of moving)
      for (const part of value.split(',')) expect(part.trim()).toMatch(/^[\w-]+ var\(--quick\)$/)
  })

  it('follows every press: what says that it is pressed looks different then, and gets there by and by', () => {
    const shared = sheets.filter(({ path }) => /styles\/|app\.wxss$/.test(path)).map(({ text }) => text)
    const pressable = filesOf(/\.wxml$/).flatMap(({ path, text }) => {
      const own = sheets.find(sheet => sheet.path === path.replace(/\.wxml$/, '.wxss'))?.text ?? ''
      const rules = [...shared, own].flatMap(declarationsOf)
      return [...text.matchAll(/<[\w-]+ [^>]*hover-class="([^"]*)"[^>]*>/g)].map(([tag, pressed]) => {
        const names =
          /\bclass="([^"]*)"/
            .exec(tag)?.[1]
            ?.replace(/\{\{.*?\}\}/g, '')
            .split(/\s+/) ?? []
        const has = (selector: string, property?: string) =>
          rules.some(
            rule => rule.selector.split(/,\s*/).includes(selector) && (!property || rule.property === property),
          )
        const isSeen = pressed === 'pressed' && names.some(name => name && has(`.${name}.pressed`))
        return { tag, isSeen, moves: names.some(name => name && has(`.${name}`, 'transition')) }
      })
    })
    expect(pressable.length).toBeGreaterThan(40)
    expect(pressable.filter(({ isSeen, moves }) => !isSeen || !moves)).toEqual([])
  })
})
