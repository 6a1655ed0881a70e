/** A key of the configuration and what is wrong with its value. */
export interface Objection {
  readonly key: string
  readonly message: string
}

/** The code of an error, such as ENOENT. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unusable'
