import { expect, test } from 'vitest'
import { createLineFeed } from '../../../console/connection/create-line-feed.ts'

/** A feed whose drawing happens when the test says so. */
function create(most?: number) {
  let asked: (() => void)[] = []
  const feed = createLineFeed({ soon: draw => void asked.push(draw), ...(most !== undefined && { most }) })
  const draw = () => {
    const now = asked
    asked = []
    for (const each of now) each()
    return now.length
  }
  const shown = () => feed.lines.value.map(({ fields }) => fields.n)
  return { feed, draw, shown }
}
const line = (n: number) => JSON.stringify({ n })

test('lines of a moment are drawn together, in the order in which they came', () => {
  const { feed, draw, shown } = create()
  for (let n = 0; n < 100; n++) feed.take(line(n))
  expect(shown()).toEqual([])
  expect(draw()).toBe(1)
  expect(shown()).toEqual([...Array(100).keys()])
})

test('only the newest are kept, also while nothing is drawn', () => {
  const { feed, draw, shown } = create(10)
  for (let n = 0; n < 1000; n++) feed.take(line(n))
  draw()
  expect(shown()).toEqual([990, 991, 992, 993, 994, 995, 996, 997, 998, 999])
})

test('a pause holds back and counts; going on shows what was held', () => {
  const { feed, draw, shown } = create()
  feed.take(line(1))
  draw()
  feed.pause()
  feed.take(line(2))
  feed.take(line(3))
  draw()
  expect([shown(), feed.held.value]).toEqual([[1], 2])
  feed.goOn()
  draw()
  expect([shown(), feed.held.value]).toEqual([[1, 2, 3], undefined])
  feed.clear()
  expect(shown()).toEqual([])
})

test.each(['', 'no JSON', '[1]', '"text"', 'null'])('%j is no line', payload => {
  const { feed, draw, shown } = create()
  feed.take(payload)
  draw()
  expect(shown()).toEqual([])
})
