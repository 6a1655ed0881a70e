import type { Administration } from '../accounts/administration/administration.ts'
import type { Config } from '../config/config.ts'
import type { AuditStore } from '../domain/audit.ts'
import type { Explain } from '../domain/explain.ts'
import type { Products } from '../registry/enrollment/products.ts'
import type { Provisioning } from '../registry/enrollment/provisioning.ts'

/** What the commands work on: the data folder itself, whether or not the broker is running. */
export interface Backend {
  readonly administration: Administration
  readonly provisioning: Provisioning
  readonly products: Products
  /** The keys that tokens are signed with; `rotate` resolves with the `kid` of the new key. */
  readonly keys: { rotate(): Promise<string> }
  /** Copies the data folder; see `backUp` of the store. */
  backUp(folder: string): Promise<readonly string[]>
  readonly audit: Pick<AuditStore, 'query'>
  readonly explain: Explain
  close(): Promise<void>
}

export type OpenBackend = (config: Config) => Promise<Backend>
