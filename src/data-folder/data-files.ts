import { join } from 'node:path'

/** The databases of a data folder, by their content. */
export const databases = {
  /** Accounts, devices, history, the audit trail. */
  accounts: 'latchkey.db',
  /** Retained messages, sessions, queues, wills. */
  mqtt: 'mqtt.db',
} as const
export type DatabaseName = (typeof databases)[keyof typeof databases]

/** Locked by the broker that runs on the folder. */
export const lockFile = 'broker.lock'

/** The folder of the keys, within the data folder. */
export const keysFolder = 'keys'

/** Keys that are made once, and never again; signing keys are beside them (`signing-key-files.ts`). */
export const lastingKeys = { productSecrets: 'product-secrets.key', wechatIdentity: 'wechat-identity.key' } as const

/** The paths of everything in a data folder. */
export const pathsIn = (dataDir: string) => ({
  accounts: join(dataDir, databases.accounts),
  mqtt: join(dataDir, databases.mqtt),
  lock: join(dataDir, lockFile),
  keys: join(dataDir, keysFolder),
  productSecrets: join(dataDir, keysFolder, lastingKeys.productSecrets),
  wechatIdentity: join(dataDir, keysFolder, lastingKeys.wechatIdentity),
})
