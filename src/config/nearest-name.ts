/** The one of `names` that is fewest typing errors away from `typed`, whatever the case. */
export function nearestName(
  typed: string,
  names: readonly string[],
): { readonly name: string; readonly slips: number } {
  const found = { name: '', slips: Number.POSITIVE_INFINITY }
  for (const name of names) {
    const slips = distance(typed.toUpperCase(), name.toUpperCase())
    if (slips < found.slips) Object.assign(found, { name, slips })
  }
  return found
}

/** The number of letters to add, drop, replace, or swap with a neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let [beforeLast, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row[j] = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1))
      if (swapped) row[j] = Math.min(at(row, j), at(beforeLast, j - 2) + 1)
    }
    ;[beforeLast, last] = [last, row]
  }
  return at(last, b.length)
}

const at = (row: readonly number[] | undefined, i: number): number => row?.[i] ?? Number.POSITIVE_INFINITY
