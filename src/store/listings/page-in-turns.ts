import type { Page, PageRequest } from '../../domain/listings.ts'
import { nextTurn } from '../../turns/in-turns.ts'

/** A stretch of a list, by its sort key: behind `after`, up to and including `upTo`, or to the end. */
export interface Stretch {
  readonly after: string
  readonly upTo: string | undefined
}

/** The queries on a list. None costs more than the rows of a stretch. */
export interface Stretches<Row> {
  /** The key `rows` rows behind `after`, counting all rows; undefined when there are fewer. */
  readonly keyBehind: (after: string, rows: number) => Promise<string | undefined>
  /** The number of matching rows in a stretch. */
  readonly countIn: (stretch: Stretch) => Promise<number>
  /** Some of the matching rows, in order. */
  readonly rowsIn: (stretch: Stretch, part: { readonly offset: number; readonly limit: number }) => Promise<Row[]>
}

/** With this, a hundred thousand rows take a hundred turns of some milliseconds. */
const rowsPerTurn = 1000

/** A page of the matching rows of a long list, with their exact total. Goes through the list in order, a stretch in each turn of the event loop. */
export async function pageInTurns<Row>(
  { offset, limit }: Pick<PageRequest, 'offset' | 'limit'>,
  { keyBehind, countIn, rowsIn }: Stretches<Row>,
): Promise<Page<Row>> {
  const rows: Row[] = []
  let total = 0
  for (let after = ''; ; await nextTurn()) {
    const stretch = { after, upTo: await keyBehind(after, rowsPerTurn) }
    const found = await countIn(stretch)
    const skipped = Math.max(0, offset - total)
    if (skipped < found && rows.length < limit)
      rows.push(...(await rowsIn(stretch, { offset: skipped, limit: limit - rows.length })))
    total += found
    if (stretch.upTo === undefined) return { total, rows }
    after = stretch.upTo
  }
}
