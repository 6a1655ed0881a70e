import { expect, test } from 'vitest'
import { createPortion } from '../../../src/turns/portion.ts'

function setUp() {
  let nowMs = 0
  const portion = createPortion({ least: 10, most: 500 }, () => nowMs)
  /** Works on rows that take so long each, and gives how many those were. */
  const work = (msEach: number) =>
    portion.run(async rows => {
      nowMs += rows * msEach
      return rows
    })
  return { portion, work }
}

test('a portion grows until it takes about three milliseconds, and no further', async () => {
  const { work } = setUp()
  const sizes: number[] = []
  while (sizes.length < 8) sizes.push(await work(0.02))
  expect(sizes).toEqual([10, 20, 40, 80, 150, 150, 150, 150])
})

test('a portion shrinks at once where rows take longer, and stays within its bounds', async () => {
  const { work } = setUp()
  for (let n = 0; n < 10; n++) await work(0)
  expect(await work(0.1)).toBe(500)
  expect(await work(10)).toBe(30)
  expect(await work(0)).toBe(10)
})

test('a portion that failed is learned from too', async () => {
  const { portion, work } = setUp()
  await work(0)
  await expect(portion.run(() => Promise.reject(new Error('locked')))).rejects.toThrow('locked')
  expect(await work(0)).toBe(40)
})
