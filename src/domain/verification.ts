/** The files that WeChat asks a domain for, by name, and what else is in their folder, with why it is not among them. */
export interface VerificationFiles {
  readonly files: ReadonlyMap<string, Buffer>
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}

/** What came of reading the folder: `none` without one, or a sentence, and then what was read before stays in use. */
export type VerificationReading = 'none' | VerificationFiles | { readonly problem: string }
