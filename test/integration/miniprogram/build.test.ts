import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BuildFailed } from '../../../miniprogram/build/build-failed.ts'
import { buildMiniprogram } from '../../../miniprogram/build/build-miniprogram.ts'
import { parseServerAddress } from '../../../miniprogram/build/server-address.ts'
import { packageRoot } from '../../../src/app/package-root.ts'
import { topics } from '../../../src/protocol/topics.ts'

const fixture = join(import.meta.dirname, '../../support/miniprogram-fixtures/tags')
/** The project's folder, as a relative import of any module reaches it. */
const fromRoot = `${'../'.repeat(30)}${packageRoot().slice(1)}`
let folder: string
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-build-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** The fixture with these files on top; undefined takes one away. */
function appWith(files: Readonly<Record<string, string | undefined>>): string {
  const appDir = join(folder, `app-${++count}`)
  cpSync(fixture, appDir, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(appDir, path)), { recursive: true })
    if (text === undefined) rmSync(join(appDir, path))
    else writeFileSync(join(appDir, path), text)
  }
  return appDir
}

const outDir = () => join(folder, `out-${++count}`)

async function problemsWith(files: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const out = outDir()
  const failure = await buildMiniprogram({ appDir: appWith(files), outDir: out }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(BuildFailed)
  expect(existsSync(out)).toBe(false)
  return failure instanceof BuildFailed ? failure.message.split('\n') : []
}

describe('a package', () => {
  test('has the modules as CommonJS, the protocol they import, the bundles, and the settings of DevTools', async () => {
    const out = outDir()
    const appDir = appWith({ 'pages/tab/tab.ts': `export { topics } from '${fromRoot}/src/protocol/topics.ts'` })
    const { sizeBytes, gzippedBytes } = await buildMiniprogram({ appDir, outDir: out, appid: 'wx1' })
    const required = createRequire(import.meta.url)(commonJs(join(out, 'pages/tab/tab.js')))
    expect(required.topics.set('lamp')).toBe(topics.set('lamp'))
    expect(existsSync(join(out, 'protocol/topics.js'))).toBe(true)
    expect(existsSync(join(out, 'tsconfig.json'))).toBe(false)
    expect(JSON.parse(readFileSync(join(out, 'project.config.json'), 'utf8'))).toMatchObject({
      appid: 'wx1',
      miniprogramRoot: './',
      setting: { es6: false, enhance: false, minified: false },
    })
    expect(sizeBytes).toBeLessThan(2 * 1024 * 1024)
    expect(gzippedBytes).toBeLessThan(sizeBytes)
  })

  test('is for the server that was given, and holds nothing of an earlier build', async () => {
    const out = outDir()
    mkdirSync(out)
    writeFileSync(join(out, 'old.js'), '')
    await buildMiniprogram({ appDir: appWith({}), outDir: out, serverUrl: 'wss://a.example/mqtt' })
    expect(existsSync(join(out, 'old.js'))).toBe(false)
    expect(createRequire(import.meta.url)(commonJs(join(out, 'config.js'))).serverUrl).toBe('wss://a.example/mqtt')
  })

  test('that cannot be made leaves the one before', async () => {
    const out = outDir()
    await buildMiniprogram({ appDir: appWith({}), outDir: out })
    await expect(
      buildMiniprogram({ appDir: appWith({ 'app.ts': 'import "./none.ts"' }), outDir: out }),
    ).rejects.toThrow()
    expect(existsSync(join(out, 'app.json'))).toBe(true)
  })

  test('has the tags in lower ES: no syntax newer than ES2018', async () => {
    const out = outDir()
    await buildMiniprogram({
      appDir: appWith({ 'pages/tab/tab.ts': 'export const f = (a?: { b?: 1 }) => a?.b ?? 2' }),
      outDir: out,
    })
    expect(readFileSync(join(out, 'pages/tab/tab.js'), 'utf8')).not.toMatch(/\?\.|\?\?/)
  })
})

describe('a build fails, and says where', () => {
  const second = 'pages/second/second.wxml'
  test.each<[string, Record<string, string | undefined>, string]>([
    ['a template error', { [second]: '<text>\n{{a +}}</text>' }, `${second}:2:`],
    ['a template warning', { [second]: '<view><text></view>' }, `${second}:1:8: missing end tag`],
    ['a tag nobody declared', { [second]: '\n <lamp-card />' }, `${second}:2:2: <lamp-card> is neither declared`],
    [
      'a missing import of a template',
      { [second]: '<import src="none.wxml" />' },
      `${second}: there is no pages/second/none.wxml`,
    ],
    [
      'a missing image',
      { [second]: '<image src="/assets/none.svg" />' },
      `${second}:1:13: there is no /assets/none.svg`,
    ],
    [
      'a page without its code',
      { 'pages/second/second.ts': undefined },
      'app.json: page pages/second/second: there is no',
    ],
    [
      'a component without its template',
      { 'components/card/card.wxml': undefined },
      'pages/tags/tags.json: component <card> components/card/card: there is no components/card/card.wxml',
    ],
    [
      'a component that does not say so',
      { 'components/card/card.json': '{}' },
      'components/card/card.json: must have "component": true',
    ],
    ['JSON that is none', { 'pages/second/second.json': '{\n  "a": ,\n}' }, 'pages/second/second.json:2:'],
    [
      'an import of a package',
      { 'pages/second/second.ts': '\nimport "mqtt"' },
      'pages/second/second.ts:2:8: mqtt is outside of the mini-program',
    ],
    [
      'an import of the server',
      { 'pages/second/second.ts': `import "${fromRoot}/src/config/config.ts"` },
      '/src/config/config.ts is not a module of the mini-program',
    ],
    [
      'a module that is not there',
      { 'pages/second/second.ts': 'import "./none.ts"' },
      'pages/second/second.ts:1:8: ./none.ts is not a module',
    ],
    ['code that does not parse', { 'pages/second/second.ts': 'const a = (' }, 'pages/second/second.ts:1:'],
    [
      'require',
      { 'pages/second/second.ts': 'require("./x.ts")' },
      'pages/second/second.ts:1:9: only import statements',
    ],
    [
      'a style sheet that loads a file',
      { 'app.wxss': 'page {\n background: url(/assets/dot.svg) }' },
      'app.wxss:2:14: a style sheet cannot load /assets/dot.svg',
    ],
    ['a missing style sheet', { 'app.wxss': '@import "none.wxss";' }, 'app.wxss:1:1: there is no none.wxss'],
    [
      'a tab icon that is no bitmap',
      { 'app.json': readFixture('app.json').replace('assets/tab.png', 'assets/dot.svg') },
      'app.json: assets/dot.svg: icons of the tab bar must be PNG or JPEG',
    ],
    [
      'a theme without a colour',
      { 'theme.json': '{ "light": { "bar": "#fff", "barText": "black", "accent": "#000" }, "dark": {} }' },
      'theme.json: dark has no bar',
    ],
    ['a file of another kind', { 'pages/notes.md': '' }, 'pages/notes.md: a file of this kind has no place'],
  ])('on %s', async (_what, files, expected) => {
    expect(await problemsWith(files)).toContainEqual(expect.stringContaining(expected))
  })

  test('on a package over 2 MB', async () => {
    expect(await problemsWith({ 'assets/big.svg': 'x'.repeat(2 * 1024 * 1024) })).toContainEqual(
      expect.stringMatching(/: the package has 2\d{6} bytes; WeChat takes 2097152$/),
    )
  })

  test('on all of them at once', async () => {
    expect(await problemsWith({ [second]: '<x-a />', 'pages/second/second.ts': 'import "./none.ts"' })).toHaveLength(2)
  })
})

test.each([
  ['wss://mqtt.example.com/mqtt', { url: 'wss://mqtt.example.com/mqtt' }],
  ['wss://mqtt.example.com', { url: 'wss://mqtt.example.com/mqtt' }],
  ['ws://192.168.1.2:8080/mqtt', { url: 'ws://192.168.1.2:8080/mqtt' }],
])('%s is the address of a server', (text, parsed) => {
  expect(parseServerAddress(text)).toEqual(parsed)
})

test.each([
  'https://example.com/mqtt',
  'mqtt.example.com',
  'wss://a:b@example.com/mqtt',
  'wss://example.com/mqtt?x=1',
  '',
])('%o is none, and the reason is said', text => {
  expect(parseServerAddress(text)).toEqual({ problem: expect.stringMatching(/.{20,}/) })
})

function readFixture(path: string): string {
  return readFileSync(join(fixture, path), 'utf8')
}

/** Under a folder that says its `.js` files are CommonJS. */
function commonJs(file: string): string {
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }')
  return file
}

test.each([
  ['const last = [1].at(-1)', 'older phones do not have [1].at'],
  ["const text = 'aa'.replaceAll('a', 'b')", 'older phones do not have "aa".replaceAll'],
  ['const all = Promise.allSettled([])', 'older phones do not have Promise.allSettled'],
  ['const own = Object.hasOwn({}, "a")', 'older phones do not have Object.hasOwn'],
  ['const there = globalThis.wx', 'older phones do not have globalThis'],
])('%s in the built package is an error: phones of 2019 do not have it', async (code, message) => {
  const problems = await problemsWith({ 'pages/tab/tab.ts': `${code}\nexport {}\n` })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(message)
  expect(problems[0]).toMatch(/^pages\/tab\/tab\.js:\d+:\d+: /)
})

test('syntax that came later is compiled, and names that only look like what came later are left alone', async () => {
  const code = `
    class Kept { at = 1; #own = 2; with() { return this.#own ?? this?.at } }
    const AggregateError = class {}
    export const made = [new Kept().with(), new AggregateError(), typeof globalThis]
  `
  const out = outDir()
  await buildMiniprogram({ appDir: appWith({ 'pages/tab/tab.ts': code }), outDir: out })
  expect(readFileSync(join(out, 'pages/tab/tab.js'), 'utf8')).not.toMatch(/\?\?|\?\.|#own/)
})
