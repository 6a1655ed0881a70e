import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const docs = join(import.meta.dirname, '../../../docs')
const page = readFileSync(join(docs, 'security.md'), 'utf8')
const named = [...page.matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^)]+)\)/g)].map(([, name = '', file = '']) => ({
  name,
  file,
}))

test.each(named)('the test that the page of threats names is there: $name', ({ name, file }) => {
  expect(readFileSync(join(docs, file), 'utf8').replaceAll("\\'", "'")).toContain(name)
})

test('the page names a test for every threat', () => {
  const threats = page.split('\n').filter(line => /^\| (?!threat|---)/.test(line))
  expect(threats.length).toBeGreaterThan(30)
  for (const threat of threats) expect(threat).toContain('](../test/')
})
