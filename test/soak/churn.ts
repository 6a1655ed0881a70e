import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { topics } from '../../src/protocol/topics.ts'
import type { Random } from '../fuzz/random.ts'
import type { Ledger } from './ledger.ts'
import type { Member } from './open-fleet.ts'
import { soakPassword } from './prepare-folder.ts'
import { type OnComplaint, openSoakClient } from './soak-client.ts'

const longestAwayMs = 5000

/** What happens to a fleet all day, one thing at a time. */
export interface Churn {
  /** Starts something with somebody, unless who is chosen is busy already. */
  act(): void
  /** Resolves when everything started is done. */
  settled(): Promise<void>
}

/** Cuts, leaves, unsubscribes, refreshed tokens, and guests that sign in and out. */
export function createChurn(parts: {
  readonly members: readonly Member[]
  readonly usernames: readonly string[]
  readonly wsUrl: string
  readonly random: Random
  readonly ledger: Ledger
  readonly onComplaint: OnComplaint
}): Churn {
  const { members, usernames, wsUrl, random, ledger, onComplaint } = parts
  const movable = members.filter(({ isSteady }) => !isSteady)
  const busy = new Map<string, Promise<void>>()
  let guests = 0

  const expect = (operation: string, wanted: number, { code }: { code: number }): void => {
    if (code !== wanted) onComplaint(`refused: ${operation} answered ${code}, not ${wanted}`)
  }

  async function hearNothingForAWhile({ client, hears }: Member): Promise<void> {
    for (const interest of hears) {
      await client.unsubscribe(interest)
      await elapse(random.below(1000))
      await client.subscribe(interest)
    }
  }

  async function refresh({ client }: Member): Promise<void> {
    const reply = await client.request('auth/refresh')
    expect('auth/refresh', 0, reply)
    if (typeof reply.data === 'string') client.renew(reply.data)
  }

  async function visit(clientId: string): Promise<void> {
    const options = { clientId, clean: true }
    const client = await openSoakClient({ url: wsUrl, options, ledger, onComplaint })
    await client.subscribe({ filter: topics.replies(clientId), qos: 1, flows: [], isOwed: false })
    const asUser = { username: random.pick(usernames), password: passwordDigest(soakPassword) }
    expect('auth/signin', 0, await client.request('auth/signin', asUser))
    expect('account/me', 0, await client.request('account/me'))
    expect('device/list', 0, await client.request('device/list'))
    expect('auth/refresh', 0, await client.request('auth/refresh'))
    expect('auth/logout', 0, await client.request('auth/logout'))
    expect('account/me of a guest', 4003, await client.request('account/me'))
    if (random.chance(0.5)) client.cut() // and goes for good
    await client.end()
  }

  async function happenTo(member: Member): Promise<void> {
    const chance = random.below(100)
    if (chance < 40) member.client.cut()
    else if (chance < 70) await member.client.leave(random.below(longestAwayMs))
    else if (member.kind === 'phone' && chance < 80) await refresh(member)
    else await hearNothingForAWhile(member)
  }

  function start(id: string, work: () => Promise<void>): void {
    if (busy.has(id)) return
    const done = work()
      .catch(cause => onComplaint(`failed: ${id} ${cause instanceof Error ? cause.message : String(cause)}`))
      .finally(() => busy.delete(id))
    busy.set(id, done)
  }

  return {
    act() {
      if (random.chance(0.15)) {
        const id = `guest-${++guests}`
        start(id, () => visit(id))
        return
      }
      const member = random.pick(movable)
      if (member.client.isReady) start(member.client.id, () => happenTo(member))
    },
    async settled() {
      await Promise.all(busy.values())
    },
  }
}

const elapse = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
