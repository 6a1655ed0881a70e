import type { JsonObject } from '../../src/protocol/json.ts'

/** A page or component as the browser needs it; code and templates are JavaScript of their own. */
export interface ComponentContent {
  /** Its JSON file, with the paths in `usingComponents` made absolute, and its style isolation. */
  readonly config: JsonObject
  /** Prefix of its classes; null where they are shared with the page. */
  readonly styleScope: string | null
}

/** A built mini-program, turned into data for the browser. */
export interface PackageContent {
  readonly app: JsonObject
  readonly theme: JsonObject
  /** Pages of all packages. */
  readonly pages: readonly string[]
  /** By path without suffix. */
  readonly components: Readonly<Record<string, ComponentContent>>
  /** CSS by path without suffix; `app` is that of the whole app. */
  readonly styles: Readonly<Record<string, string>>
}
