/** A key of the configuration and what is wrong with its value. */
export interface Objection {
  readonly key: string
  readonly message: string
}
