import type { Page, PageRequest } from '../../domain/listings.ts'
import { nextTurn } from '../../turns/in-turns.ts'

/** A stretch of a list, by the key that it is in the order of: behind `after`, up to and with `upTo`, or to the end. */
export interface Stretch {
  readonly after: string
  readonly upTo: string | undefined
}

/** What is asked of a list; each costs no more than the rows of a stretch. */
export interface Stretches<Row> {
  /** The key so many rows behind `after`, found or not; undefined when there are not as many. */
  readonly keyBehind: (after: string, rows: number) => Promise<string | undefined>
  /** How many rows of a stretch are found. */
  readonly countIn: (stretch: Stretch) => Promise<number>
  /** Of those that are found, in order. */
  readonly rowsIn: (stretch: Stretch, part: { readonly offset: number; readonly limit: number }) => Promise<Row[]>
}

/** A hundred thousand of them are gone through in a hundred turns of some milliseconds. */
const rowsPerTurn = 1000

/** A page of what is found in a long list, and how much that is, exactly: the list is gone through in order, some of it in each turn of the event loop. */
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
