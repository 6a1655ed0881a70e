/** The code of an error of Node or SQLite, such as `ENOENT` or `SQLITE_BUSY`; empty when it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
