import { expect, test } from 'vitest'
import { parseRoute, routeTo } from '../../../console/route.ts'

test('a route survives its address, whatever its values hold', () => {
  const id = 'a&b=c?#/ 中文'
  const { page, query } = parseRoute(routeTo('trace', { kind: 'user', id }))
  expect([page, query.get('kind'), query.get('id')]).toEqual(['trace', 'user', id])
})

test.each(['', '#', '#/', '#/nothing', '#/__proto__', '#constructor'])('%j is the overview', hash => {
  expect(parseRoute(hash).page).toBe('overview')
})
