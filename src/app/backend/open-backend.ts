import { join } from 'node:path'
import { type Administration, createAdministration } from '../../accounts/administration/administration.ts'
import { type Argon2Cost, createPasswords, type Passwords } from '../../accounts/passwords/passwords.ts'
import { type KeyRing, openKeyRing } from '../../accounts/tokens/key-ring.ts'
import { createTokens, type Tokens } from '../../accounts/tokens/tokens.ts'
import type { Config } from '../../config/config.ts'
import { backUp } from '../../data-folder/back-up.ts'
import { pathsIn } from '../../data-folder/data-files.ts'
import { openKeyFile } from '../../data-folder/key-file.ts'
import { makeDataFolder } from '../../data-folder/make-data-folder.ts'
import { refuseNewerFolder } from '../../data-folder/newer-folder.ts'
import type { AuditStore } from '../../domain/audit.ts'
import type { Explain } from '../../domain/explain.ts'
import type { Clock } from '../../domain/request.ts'
import { createExplain } from '../../ops/requests/create-explain.ts'
import { createProductSecrets, type ProductSecrets } from '../../registry/enrollment/product-secrets.ts'
import { createProducts, type Products } from '../../registry/enrollment/products.ts'
import { createProvisioning, type Provisioning } from '../../registry/enrollment/provisioning.ts'
import { loadThingModels, type ThingModels } from '../../registry/types/thing-models.ts'
import { openStore, type Store, type StoreOptions } from '../../store/open-store.ts'
import { packageRoot } from '../package-root.ts'
import { newerLooks } from './newer-looks.ts'

/** What needs only the data folder. Commands use it whether or not a broker runs, and the broker is built on it. */
export interface AppBackend {
  readonly store: Store
  readonly keys: KeyRing
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly models: ThingModels
  readonly administration: Administration
  readonly provisioning: Provisioning
  readonly products: Products
  readonly productSecrets: ProductSecrets
  /** Copies the data folder; see `backUp` of the store. */
  backUp(folder: string): Promise<readonly string[]>
  readonly audit: AuditStore
  /** Does not know open sessions. */
  readonly explain: Explain
  close(): Promise<void>
}

export interface BackendOverrides {
  readonly now?: Clock
  /** Cheaper hashes for tests. */
  readonly passwordCost?: Argon2Cost
  /** How to wait for `latchkey.db`, and whom to tell. */
  readonly database?: Pick<StoreOptions, 'onWritten' | 'lockPatienceMs' | 'onLocked' | 'onFree'>
}

/** Opens the data folder. Makes it, for its owner only, with its database and keys when it is missing. Rejects when a newer version wrote it. */
export async function openBackend(
  config: Config,
  { now = Date.now, passwordCost, database }: BackendOverrides = {},
): Promise<AppBackend> {
  const { dataDir, tokens: settings } = config
  const paths = pathsIn(dataDir)
  refuseNewerFolder(dataDir, newerLooks)
  const models = await loadThingModels([join(packageRoot(), 'devices/types'), ...config.devices.typeFolders])
  makeDataFolder(dataDir)
  const keys = await openKeyRing({ dir: paths.keys, algorithm: settings.algorithm })
  const productSecrets = createProductSecrets(await openKeyFile(paths.productSecrets))
  const store = await openStore({
    file: paths.accounts,
    now,
    synchronous: config.synchronous,
    ...database,
  })
  const tokens = createTokens({ keys, store: store.accounts, now, ...settings })
  const passwords = createPasswords({ ...config.passwords, ...(passwordCost && { cost: passwordCost }) })
  return {
    store,
    keys,
    tokens,
    passwords,
    models,
    administration: createAdministration({ store: store.accounts, passwords, tokens, now }),
    provisioning: createProvisioning({ store: store.devices, enrollment: store.enrollment, models, now }),
    products: createProducts({ store: store.enrollment, models, secrets: productSecrets }),
    productSecrets,
    backUp: folder => backUp(dataDir, folder),
    audit: store.audit,
    explain: createExplain({ accounts: store.accounts, devices: store.devices }),
    close: () => store.close(),
  }
}
