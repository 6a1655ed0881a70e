import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openBackend } from '../../src/app/backend/open-backend.ts'
import { packageRoot } from '../../src/app/package-root.ts'
import { loadConfig } from '../../src/config/config.ts'
import { cheapPasswords } from '../support/start-app.ts'

/** How many of each there are. */
export interface FleetSize {
  readonly devices: number
  readonly users: number
  readonly phonesPerUser: number
  readonly writers: number
  readonly watchers: number
}

/** Who may connect, with what: a data folder that a broker can be started on. */
export interface Household {
  readonly devices: readonly { readonly id: string; readonly secret: string }[]
  readonly users: readonly {
    readonly username: string
    /** One for each phone: who shares a token and refreshes it ends the family of both. */
    readonly tokens: readonly string[]
    readonly deviceIds: readonly string[]
  }[]
  readonly serviceToken: string
}

/** Where the canary hears itself. */
export const canaryTopic = 'app/canary'
/** What every user types. */
export const soakPassword = 'soak'

/** A device whose state and commands carry a number. */
const model = {
  '@context': ['https://www.w3.org/2022/wot/td/v1.1', { '@language': 'en' }],
  '@type': 'tm:ThingModel',
  title: 'Soaked',
  properties: { n: { title: 'Number', type: 'integer' } },
}

/** Room for a fleet that comes from one address, and for queues of sessions that are away. */
const limits = {
  messagesPerSecond: 10_000,
  requestsPerMinute: 100_000,
  queuedMessagesPerSession: 1_000_000,
  queuedBytesPerSession: 1_000_000_000,
}

/** Fills a new folder with settings, accounts, devices and tokens. */
export async function prepareFolder(dataDir: string, size: FleetSize): Promise<Household> {
  const typeFolder = join(dataDir, 'types')
  await mkdir(typeFolder)
  await writeFile(join(typeFolder, 'soaked.json'), JSON.stringify(model))
  await writeFile(join(dataDir, 'local.json'), JSON.stringify({ devices: { typeFolders: [typeFolder] }, limits }))
  const env = { NODE_ENV: 'development', LATCHKEY_DATA_DIR: dataDir, NODE_CONFIG_DIR: dataDir }
  const config = loadConfig({ configDir: join(packageRoot(), 'config'), env })
  const { administration, provisioning, store, tokens, close } = await openBackend(config, {
    passwordCost: cheapPasswords,
  })

  const devices: { id: string; secret: string }[] = []
  for (let n = 0; n < size.devices; n++) {
    const device = await provisioning.addDevice({ type: 'soaked', id: `device-${n}` })
    if (typeof device === 'string') throw new Error(device)
    devices.push(device)
  }
  const users: { username: string; tokens: string[]; deviceIds: string[] }[] = []
  for (let n = 0; n < size.users; n++) {
    const username = `user-${n}`
    const account = await administration.addAccount({ username, password: soakPassword, role: 'user' })
    if (typeof account === 'string') throw new Error(account)
    const deviceIds = devices.filter((_, index) => index % size.users === n).map(({ id }) => id)
    for (const id of deviceIds) await store.devices.claim(id, account.id)
    const ofPhones: string[] = []
    for (let phone = 0; phone < size.phonesPerUser; phone++) ofPhones.push((await tokens.beginFamily(account)).token)
    users.push({ username, tokens: ofPhones, deviceIds })
  }
  const acl = [
    { permission: 'allow', action: 'all', topic: 'app/soak/#' },
    { permission: 'allow', action: 'subscribe', topic: 'devices/+/state' },
    { permission: 'allow', action: 'all', topic: canaryTopic },
  ] as const
  const { token } = await tokens.issueForService('soak', acl, 30 * 24 * 3600)
  await close()
  return { devices, users, serviceToken: token }
}
