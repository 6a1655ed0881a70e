/** The argument of a call to `wx`, whose fields are read one by one. */
export type Options = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Options => typeof value === 'object' && value !== null

/** A field as text; `fallback` when it is missing. */
export const textIn = (options: unknown, key: string, fallback = ''): string => {
  const value = isRecord(options) ? options[key] : undefined
  return value === undefined || value === null ? fallback : String(value)
}

/** A field as a number; `fallback` when it is no number. */
export const numberIn = (options: unknown, key: string, fallback: number): number => {
  const value = isRecord(options) ? options[key] : undefined
  return typeof value === 'number' ? value : fallback
}

/** A field that is a function; undefined when it is none. */
export const functionIn = (options: unknown, key: string): ((...given: unknown[]) => unknown) | undefined => {
  const value = isRecord(options) ? options[key] : undefined
  return typeof value === 'function' ? (...given) => value.apply(options, given) : undefined
}
