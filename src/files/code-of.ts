/** The code of an error of Node's or SQLite's, `ENOENT` or `SQLITE_BUSY`; an empty text when it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
