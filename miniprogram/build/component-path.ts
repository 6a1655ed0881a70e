import { posix } from 'node:path'

/** The path below the app's folder, without suffix, of a component that the JSON file `from` declares as `reference`. */
export const componentPath = (from: string, reference: string): string =>
  reference.startsWith('/') ? reference.slice(1) : posix.join(posix.dirname(from), reference)
