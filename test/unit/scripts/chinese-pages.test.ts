import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../src/app/package-root.ts'

const docs = join(packageRoot(), 'docs')

/** What a page and its translation have in common: what is typed, and how it is arranged. */
function skeletonOf(file: string) {
  const text = readFileSync(join(docs, file), 'utf8')
  const fences = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```$/gm)].map(([, code]) => code)
  const prose = text.replace(/^ *```\w*\n[\s\S]*?^ *```$/gm, '')
  const lines = prose.split('\n')
  const rows = lines.filter(line => line.startsWith('|'))
  const spans = (line: string) => (line.match(/`[^`]+`/g) ?? []).sort()
  const links = [...prose.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) =>
    /^https?:/.test(target) ? target : normalize(join(dirname(file), target)).replace(/^zh-CN\//, ''),
  )
  return {
    headings: lines.flatMap(line => /^#+/.exec(line) ?? []),
    commands: fences,
    indentedCode: lines.filter(line => /^ {4,}\S/.test(line)),
    rows: rows.map(row => ({ columns: row.split('|').length, spans: spans(row) })),
    listItems: lines.filter(line => /^(\d+\.|-) /.test(line)).length,
    spans: [...new Set(spans(prose))].sort(),
    links: [...new Set(links)].sort(),
  }
}

const pages = readdirSync(join(docs, 'zh-CN'))

test('the pages for developers of mini-programs and devices exist in Chinese', () => {
  expect(pages.sort()).toEqual(['device-types.md', 'devices.md', 'mini-program.md'])
})

test.each(pages)(
  '%s says in Chinese what it says in English: headings, commands, tables, lists, links, names',
  page => {
    const { links, ...chinese } = skeletonOf(`zh-CN/${page}`)
    const { links: englishLinks, ...english } = skeletonOf(page)
    expect(chinese).toEqual(english)
    expect(links).toEqual([...new Set([...englishLinks, page])].sort())
  },
)
