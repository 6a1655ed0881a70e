import type { Administration } from '../accounts/administration.ts'
import type { Config } from '../config.ts'
import type { Products } from '../registry/products.ts'
import type { Provisioning } from '../registry/provisioning.ts'

/** What the commands work on: the data folder itself, whether or not the broker is running. */
export interface Backend {
  readonly administration: Administration
  readonly provisioning: Provisioning
  readonly products: Products
  close(): Promise<void>
}

export type OpenBackend = (config: Config) => Promise<Backend>
