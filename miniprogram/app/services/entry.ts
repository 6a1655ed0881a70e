import type { Control } from './controls.ts'

/** The value to send for what a person typed into a control; undefined when the device type does not accept it. */
export function parseEntry(
  { kind, min, max, step }: Pick<Control, 'kind' | 'min' | 'max' | 'step'>,
  typed: string,
): string | number | undefined {
  if (kind !== 'number') return typed
  const text = parsePrinted(typed).replace(',', '.')
  const value = Number(text)
  if (text === '' || !Number.isFinite(value) || value < min || value > max) return undefined
  return Number.isInteger(step) && !Number.isInteger(value) ? undefined : value
}

/** The value where a thumb was released: sums of tenths, such as 19.900000000000002, become the decimal number that was meant. */
export const slidTo = (position: number): number => Number(position.toPrecision(12))

/**
 * A code or an id that somebody typed or pasted, as it was printed: without spaces and invisible characters, full-width letters and digits
 * (Ａ１) as plain ones, and any dash as a hyphen.
 */
export const parsePrinted = (typed: string): string =>
  typed
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\s|[\u200b-\u200f\u202a-\u202e\u2060-\u2069]/g, '')
