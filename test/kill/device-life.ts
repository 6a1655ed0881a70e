import type { Reply } from '../../src/protocol/envelope.ts'
import type { Asker } from './asker.ts'
import type { DeviceRecord } from './device-record.ts'
import type { Gate } from './gate.ts'
import { connectReporter, type Reporter } from './reporter.ts'

/** What a device's life is made of, and what a kill may come in the middle of. */
export type Step = 'claim' | 'first report' | 'release' | 'reset'

/** A user by name, and the client that asks for it. */
export interface User extends Asker {
  readonly name: string
}

/** What lives share with who accounts for them. */
export interface World {
  readonly url: string
  readonly users: readonly User[]
  readonly operator: Asker
  readonly gate: Gate<Step>
  /** Resolves while the broker is there and everything in doubt is settled. */
  readonly running: () => Promise<void>
  readonly isStopping: () => boolean
}

/** A device that is claimed by one user after the other, reports, and is released. */
export interface DeviceLife {
  readonly record: DeviceRecord
  /** Whether it is connected, or connects again by itself. */
  readonly isPowered: boolean
  /** Resolves when it has an owner and is silent, once the world is stopping. */
  readonly ended: Promise<void>
  leave(): Promise<void>
}

const reportsPerTurn = 10

export function startDeviceLife(record: DeviceRecord, world: World, turnsAhead: number): DeviceLife {
  const { url, users, operator, gate, running, isStopping } = world
  let reporter: Reporter | undefined

  async function step(name: Step, work: () => Promise<void>): Promise<void> {
    await gate.pass(name)
    await work()
    gate.passed(name)
  }

  /** Asks until it is done, which after a kill the list of the user says. */
  async function ask(user: User, kind: 'claim' | 'release', body: object): Promise<Reply | undefined> {
    const isDone = () => (record.owner === user.name) === (kind === 'claim')
    for (;;) {
      await running()
      if (isDone()) return undefined
      if (kind === 'claim') record.claimSent(user.name)
      else record.releaseSent()
      const reply = await user.request(`device/${kind}`, { deviceId: record.id, ...body })
      if (!reply) continue
      if (reply.code !== 0) throw new Error(`device/${kind} of ${record.id} answered ${JSON.stringify(reply)}`)
      record.settle(true)
      return reply
    }
  }

  async function reset(): Promise<{ secret: string; claimCode: string }> {
    for (;;) {
      await running()
      const reply = await operator.request('ops/device/reset', { deviceId: record.id })
      if (reply) return parseCredentials(reply)
    }
  }

  /** Every other turn the device reports before it is claimed. */
  async function turn(number: number, user: User): Promise<void> {
    let credentials = { secret: '', claimCode: '' }
    await step('reset', async () => {
      credentials = await reset()
    })
    const { secret, claimCode } = credentials
    const mark = number % 2 === 0 ? 'even' : 'odd'
    const device = await connectReporter(url, { record, secret, mark, running })
    reporter = device
    const report = () => step('first report', device.start)
    if (number % 2 === 0) await report()
    await step('claim', async () => {
      const reply = await ask(user, 'claim', { code: claimCode })
      if (reply) record.sawState(user.name, Object(reply.data).state)
    })
    if (number % 2 === 1) await report()
    await device.reported(reportsPerTurn)
  }

  /** Each turn is another user's; two and three have no common divisor, so that each gets the device both ways. */
  async function live(): Promise<void> {
    for (let number = turnsAhead; ; number++) {
      const user = users[number % users.length]
      if (!user) throw new Error('there are no users')
      await turn(number, user)
      if (isStopping()) break
      await step('release', async () => void (await ask(user, 'release', {})))
      await leave()
    }
    await reporter?.stop()
  }

  async function leave(): Promise<void> {
    const leaving = reporter
    await leaving?.stop()
    reporter = undefined
    await leaving?.mqtt.endAsync(true)
  }

  return {
    record,
    get isPowered() {
      return reporter !== undefined
    },
    ended: live(),
    leave,
  }
}

function parseCredentials({ data }: Reply): { secret: string; claimCode: string } {
  const { secret, claimCode }: { secret?: unknown; claimCode?: unknown } = Object(data)
  if (typeof secret === 'string' && typeof claimCode === 'string') return { secret, claimCode }
  throw new Error(`ops/device/reset answered ${JSON.stringify(data)}`)
}
