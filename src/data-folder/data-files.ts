import { join } from 'node:path'

/** The databases of a data folder, by what they hold. */
export const databases = {
  /** Accounts, devices, history, the audit trail. */
  accounts: 'latchkey.db',
  /** Retained messages, sessions, queues, wills. */
  mqtt: 'mqtt.db',
} as const
export type DatabaseName = (typeof databases)[keyof typeof databases]

/** Held by the broker that runs on the folder. */
export const lockFile = 'broker.lock'

/** The folder of the keys, within the data folder. */
export const keysFolder = 'keys'

/** Keys that are made once, and never again; those that tokens are signed with stand beside them (`signing-key-files.ts`). */
export const lastingKeys = { productSecrets: 'product-secrets.key', wechatIdentity: 'wechat-identity.key' } as const

/** Where everything of a data folder stands. */
export const pathsIn = (dataDir: string) => ({
  accounts: join(dataDir, databases.accounts),
  mqtt: join(dataDir, databases.mqtt),
  lock: join(dataDir, lockFile),
  keys: join(dataDir, keysFolder),
  productSecrets: join(dataDir, keysFolder, lastingKeys.productSecrets),
  wechatIdentity: join(dataDir, keysFolder, lastingKeys.wechatIdentity),
})
