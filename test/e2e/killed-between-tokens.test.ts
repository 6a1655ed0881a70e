import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { Database } from '../../src/sqlite/sqlite.ts'
import { nextTurn } from '../../src/turns/in-turns.ts'
import { connectGuest, connectWithToken, wechatCode } from '../support/mqtt-client.ts'
import { connectPacket } from '../support/packets.ts'
import { password } from '../support/story.ts'

interface World {
  start(): Promise<LatchkeyProcess>
  /** Resolves when `latchkey.db` has a row for that. */
  untilKept(query: string, ...values: readonly string[]): Promise<void>
  log(): Promise<string>
}

async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
  const logs = join(folder, 'logs')
  const data = join(folder, 'data')
  const started: LatchkeyProcess[] = []
  onTestFinished(async () => {
    await Promise.all(started.map(one => one.kill()))
    await rm(folder, { recursive: true })
  })
  return {
    async start() {
      const broker = await startLatchkey(data, { LATCHKEY_LOG_FILE: join(logs, 'latchkey.log') })
      started.push(broker)
      return broker
    },
    async untilKept(query, ...values) {
      const sqlite = new Database(join(data, 'latchkey.db'), { readonly: true })
      try {
        const deadline = performance.now() + 20_000
        for (const look = sqlite.prepare(query); look.get(...values) === undefined; await nextTurn())
          if (performance.now() > deadline) throw new Error(`nothing is kept for ${query}`)
      } finally {
        sqlite.close()
      }
    },
    async log() {
      const files = await readdir(logs)
      return (await Promise.all(files.map(file => readFile(join(logs, file), 'utf8')))).join('')
    },
  }
}

async function signIn({ wsUrl }: LatchkeyProcess) {
  const phone = await connectGuest(wsUrl)
  const { data: token } = await phone.request('auth/register', { username: 'ann', password, code: wechatCode('ann') })
  return { phone, token: String(token) }
}

const idOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti

/** The phone that comes with `token` is let in, refreshes, and goes on by what it was given; nobody is called a thief. */
async function expectGoesOn(world: World, token: string): Promise<void> {
  const { wsUrl } = await world.start()
  await using phone = await connectWithToken(wsUrl, token)
  expect((await phone.request('account/me')).code).toBe(0)
  const { code, data: next } = await phone.request('auth/refresh')
  expect(code).toBe(0)
  await using later = await connectWithToken(wsUrl, next)
  expect((await later.request('account/me')).code).toBe(0)
  expect(await world.log()).not.toContain('token-reused')
}

test.each(['sent', 'on record'])(
  'after kill -9 when the first CONNECT with a successor is %s, and not answered, the phone is let in with it',
  async when => {
    const world = await openWorld()
    const first = await world.start()
    const { phone, token } = await signIn(first)
    const { data: next } = await phone.request('auth/refresh')
    const socket = connect(first.ports.mqtt).on('error', () => {})
    await once(socket, 'connect')
    await new Promise<void>(resolve => socket.write(connectPacket('phone', true, next), () => resolve()))
    if (when === 'on record') await world.untilKept('select 1 from token_family where used_token = ?', idOf(next))
    await first.kill()
    socket.destroy()
    await phone[Symbol.asyncDispose]()
    expect(next).not.toBe(token)
    await expectGoesOn(world, next)
  },
)

test.each([
  ['on record', 'the token before'],
  ['answered', 'the token before'],
  ['answered', 'the successor'],
] as const)(
  'after kill -9 when a refresh is %s, and its successor not used, the phone is let in with %s',
  async (when, kept) => {
    const world = await openWorld()
    const first = await world.start()
    const { phone, token } = await signIn(first)
    const refreshing = phone.request('auth/refresh')
    refreshing.catch(() => {}) // it may be lost
    if (when === 'on record') await world.untilKept('select 1 from token where generation = 1')
    const next = when === 'answered' ? (await refreshing).data : token
    await first.kill()
    await phone[Symbol.asyncDispose]()
    await expectGoesOn(world, kept === 'the successor' ? next : token)
  },
)
