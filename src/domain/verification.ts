/** The files that WeChat wants to find on a domain, by name; and what else is in their folder, with the reason why it is not served. */
export interface VerificationFiles {
  readonly files: ReadonlyMap<string, Buffer>
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
}

/** The result of reading the folder: `none` without one; or a sentence that says why it failed, and then what was read before stays in use. */
export type VerificationReading = 'none' | VerificationFiles | { readonly problem: string }
