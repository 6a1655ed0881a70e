import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import type { Config } from '../../src/config/config.ts'
import type { Account } from '../../src/domain/account.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { addDevice, type TestDevice } from '../support/story.ts'
import type { Actor } from './actor.ts'
import { type Canary, canaryId, startCanary } from './canary.ts'

/** The whole program with everybody that is fuzzed as, and the canary. */
export interface World extends AsyncDisposable {
  readonly running: RunningApp
  readonly canary: Canary
  readonly deviceIds: readonly string[]
  /** Every fault that was announced: none may be. */
  readonly faults: string[]
  /** Sessions that were opened and have not ended, the canary's among them. */
  openSessions(): number
  /** Those to come as, with what they need to be let in: tokens that were voided are new, devices that were given up are owned again. */
  actors(): Promise<readonly Actor[]>
}

/** Limits that would do no more than slow the fuzzer down, raised; those that it should run into, small. */
export function roomForFuzzing(config: Config): Config {
  const often = { points: 1_000_000, durationSeconds: 60 }
  return {
    ...config,
    log: { ...config.log, level: 'error' }, // every refusal is a line
    limits: {
      ...config.limits,
      requestsPerMinute: 1_000_000,
      messagesPerSecond: 10_000_000,
      bytesPerSecond: 1_073_741_824,
      refusedPublishesPerMinute: 1_000_000,
      refusedSubscribesPerMinute: 1_000_000,
      qos2Window: 5,
      queuedMessagesPerSession: 100,
      filtersPerSession: 30,
      followedPerSession: 5,
    },
    signIn: { password: often, address: often, registration: often, wechat: often },
    enrollment: { ...config.enrollment, address: often, serial: often },
    guest: { ...config.guest, perAddress: 1_000_000 },
  }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

export async function startWorld(configure: (config: Config) => Config): Promise<World> {
  const running = await startApp({ configure })
  const { administration, provisioning, tokens, store } = running.admin
  const faults: string[] = []
  running.app.events.on('fault', ({ where, cause }) => {
    faults.push(`${where}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  })
  let open = 0
  running.app.events.on('session-opened', () => open++)
  running.app.events.on('session-closed', () => open--)

  const canary = await startCanary(running)
  const devices: TestDevice[] = []
  for (const id of names('fuzz', 12)) devices.push(await addDevice(running, id.endsWith('1') ? 'sensor' : 'lamp', id))
  const own = devices.map(({ id }) => id)
  const user = await addAccount('fuzz-user', 'user')
  const operator = await addAccount('fuzz-operator', 'operator')

  async function addAccount(username: string, role: Account['role']): Promise<Account> {
    const account = await administration.addAccount({ username, password: passwordDigest('correct horse'), role })
    if (typeof account === 'string') throw new Error(account)
    return account
  }

  async function claimAgain(id: string): Promise<void> {
    if ((await provisioning.issueClaimCode(id)) === 'owned') return
    await store.devices.claim(id, user.id)
  }

  return {
    running,
    canary,
    faults,
    deviceIds: [...own, canaryId],
    openSessions: () => open,
    async actors() {
      for (const id of own) await claimAgain(id)
      const userToken = (await tokens.issueForAccount(user)).token
      const operatorToken = (await tokens.issueForAccount(operator)).token
      const acl = [{ permission: 'allow', action: 'all', topic: 'app/#' }] as const
      const serviceToken = (await tokens.issueForService('fuzz', acl, 3600)).token
      const deviceIds = [...own, ...own, canaryId, 'nowhere', '__proto__']
      const byToken = (password: string) => ({ username: 'jwt', password, deviceIds })
      const asGuest = { kind: 'guest', clientIds: [...names('guest', 30), canaryId], deviceIds } as const
      const asUser = { kind: 'user', ...byToken(userToken), clientIds: names('phone', 20) } as const
      // An operator may command any device: not the canary's, whose messages are counted.
      const asOperator = {
        kind: 'operator',
        ...byToken(operatorToken),
        clientIds: names('desk', 10),
        deviceIds: own,
      } as const
      const asService = {
        kind: 'operator',
        ...byToken(serviceToken),
        clientIds: names('service', 10),
        deviceIds: own,
      } as const
      const asDevices = devices.map(
        ({ id, secret }) =>
          ({
            kind: 'device',
            username: id,
            password: secret,
            clientIds: [id],
            deviceIds: [...Array.from({ length: 30 }, () => id), ...deviceIds],
          }) as const,
      )
      const people = [asGuest, asUser, asUser, asUser, asOperator, asService]
      return [...people, ...people, ...asDevices]
    },
    async [Symbol.asyncDispose]() {
      await canary[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
    },
  }
}
