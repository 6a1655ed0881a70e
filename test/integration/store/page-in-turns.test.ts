import { expect, test } from 'vitest'
import { pageInTurns } from '../../../src/store/listings/page-in-turns.ts'

/** A list of numbered keys, of which every third is found. */
function createList(rows: number) {
  const keys = Array.from({ length: rows }, (_, n) => `k${String(n).padStart(6, '0')}`)
  const widest = { rows: 0 }
  const foundIn = ({ after, upTo }: { after: string; upTo: string | undefined }) => {
    const within = keys.filter(key => key > after && (upTo === undefined || key <= upTo))
    widest.rows = Math.max(widest.rows, within.length)
    return within.filter(key => Number(key.slice(1)) % 3 === 0)
  }
  const page = (offset: number, limit: number) =>
    pageInTurns(
      { offset, limit },
      {
        keyBehind: async (after, behind) => keys.filter(key => key > after)[behind - 1],
        countIn: async stretch => foundIn(stretch).length,
        rowsIn: async (stretch, part) => foundIn(stretch).slice(part.offset, part.offset + part.limit),
      },
    )
  return { all: foundIn({ after: '', upTo: undefined }), page, widest }
}

test.each([0, 1, 999, 1000, 1001, 3500])(
  'of a list of %i rows every page is what it is of the whole, with the exact number of what is found',
  async rows => {
    const { all, page } = createList(rows)
    for (const [offset, limit] of [
      [0, 50],
      [300, 50],
      [330, 200],
      [1160, 200],
      [5000, 10],
    ] as const)
      expect(await page(offset, limit)).toEqual({ total: all.length, rows: all.slice(offset, offset + limit) })
  },
)

test('no turn goes through more than a thousand rows', async () => {
  const { page, widest } = createList(3500)
  widest.rows = 0
  await page(0, 200)
  expect(widest.rows).toBe(1000)
})
