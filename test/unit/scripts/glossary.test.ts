import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const glossary = readFileSync('docs/glossary.md', 'utf8')

test('every file and folder that the glossary names is there', () => {
  const named = [...glossary.matchAll(/`((?:[a-z0-9-]+\/)+(?:[a-z0-9-]+\.ts)?)`/g)].map(([, path]) => path ?? '')
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(path => !existsSync(`src/${path}`))).toEqual([])
})

test('the glossary explains each word once', () => {
  const terms = [...glossary.matchAll(/^\| ([a-z -]+) \|/gm)]
    .map(([, term]) => term)
    .filter(term => !/^(term|-+)$/.test(term ?? ''))
  expect(terms.filter((term, at) => terms.indexOf(term) !== at)).toEqual([])
})
