import { parseTopic } from '../../../src/protocol/topics.ts'
import type { Failure, Result } from './failure.ts'
import { createKeeper } from './keeper.ts'
import { createKeptSignIn } from './kept-sign-in.ts'
import { createLine } from './line.ts'
import type { Link, Mqtt } from './link.ts'
import { createListeners } from './listeners.ts'
import type { Platform } from './platform.ts'
import type { Account, Arrival, Session, SessionStatus } from './session.ts'
import { createSigningIn, isPassing } from './signing-in.ts'

export interface SessionOptions extends Mqtt {
  readonly platform: Platform
  /** Lower-case hex. */
  readonly md5: (text: string) => string
  /** `wss://host/mqtt`. */
  readonly serverUrl: string
}

type Outcome = Exclude<Arrival, { readonly next: 'home' }> | { readonly next: 'home'; readonly account: Account }

const home = { next: 'home' } as const
const offline = { ok: false, code: 'offline' } as const
/** How far the phone's clock may have drifted from the broker's since they were compared. */
const toleranceMs = 60_000
const refreshBeforeMs = 5 * 60_000

/** Does not connect until it is started. */
export function createSession({ platform, connect, textOf, md5, serverUrl }: SessionOptions): Session {
  const changes = createListeners<[]>()
  const entered = createListeners<[link: Link]>()
  const signedIns = createListeners<[]>()
  const messages = createListeners<[topic: string, payload: string, retained: boolean]>()
  const kept = createKeptSignIn(platform.storage)
  let status: SessionStatus = 'signed-out'
  let account: Account | undefined
  /** A change of password waits for the one before. */
  let passwords: Promise<unknown> = Promise.resolve()

  const line = createLine({ platform, connect, textOf, url: serverUrl, heard, lost: () => keeper.lost() })
  const signingIn = createSigningIn({ line, kept, platform, md5, entered: entered.tell })
  const keeper = createKeeper<Outcome>({
    attempt,
    arrived,
    drop: line.drop,
    wentOffline: () => {
      if (status === 'online') become('offline', account)
    },
    isMissing: () => status === 'offline',
    now: platform.now,
    random: Math.random,
  })

  function become(next: SessionStatus, who: Account | undefined): void {
    if (next === status && who === account) return
    status = next
    account = who
    changes.tell()
  }

  function heard(topic: string, payload: string, retained: boolean): void {
    const parsed = parseTopic(topic)
    if (parsed?.kind === 'notify' && parsed.name === 'token-expiring') void refresh()
    messages.tell(topic, payload, retained)
  }

  async function refresh(): Promise<void> {
    const refreshed = await signingIn.refresh()
    if (refreshed && status === 'online') become('online', refreshed)
  }

  /** By the token; by WeChat when the token has expired, if that leads to the same account. */
  async function attempt(): Promise<Outcome> {
    const { token } = kept
    if (token !== undefined && platform.now() < kept.expiresAtMs + toleranceMs) {
      const byToken = await signingIn.byToken(token)
      if (byToken !== 'refused') return outcomeOf(byToken)
      const ended = platform.now() < kept.expiresAtMs - toleranceMs
      kept.forget(ended ? 'revoked' : undefined)
      if (ended) return { next: 'login', because: 'revoked' }
    }
    return outcomeOf(await signingIn.byWechat())
  }

  function arrived(outcome: Outcome): void {
    if (outcome.next === 'home') signedIn(outcome.account)
    else if (outcome.next === 'retry' && isPassing(outcome.failure) && isSomebodys()) become('offline', account)
    else signedOut()
  }

  /** True when somebody was signed in and, as far as we know, still is. */
  const isSomebodys = () => kept.token !== undefined || account !== undefined

  function signedIn(who: Account): void {
    become('online', who)
    signedIns.tell()
    if (kept.expiresAtMs - platform.now() < refreshBeforeMs) void refresh()
  }

  function signedOut(): void {
    kept.forget(kept.signedOutBecause)
    become('signed-out', undefined)
  }

  async function connectNow(): Promise<Arrival> {
    await passwords
    if (status === 'online') return home
    if (status === 'signed-out') become('connecting', undefined)
    const outcome = await (keeper.underWay ?? keeper.tryNow())
    return outcome.next === 'home' ? home : outcome
  }

  function byPassword(
    operation: 'auth/bind' | 'auth/register',
    username: string,
    password: string,
  ): Promise<Result<Account>> {
    const turn = passwords.then(async (): Promise<Result<Account>> => {
      await keeper.underWay
      if (status === 'offline') return offline
      const result = await signingIn.byPassword(operation, username, password)
      if (result.ok) signedIn(result.data)
      return result
    })
    passwords = turn.catch(() => {}) // the caller is told
    return turn
  }

  /** Afterwards nobody is signed in any more. */
  function leaveWhen(done: Result<object>): Result<object> {
    if (!done.ok) return done
    line.close()
    keeper.stop()
    kept.forget()
    become('signed-out', undefined)
    return done
  }

  const request: Session['request'] = async (operation, body) => {
    if (status !== 'online') await keeper.underWay
    return (status === 'online' && line.current?.ask(operation, body)) || offline
  }

  /** The open connection, or a guest's. */
  function guestLink(): Promise<Link | undefined> {
    const turn = passwords.then(async () => {
      await keeper.underWay
      if (status === 'offline') return undefined
      return line.current ?? (await line.open()).link
    })
    passwords = turn.catch(() => {})
    return turn
  }

  return {
    get status() {
      return status
    },
    get account() {
      return account
    },
    onChange: changes.add,
    onEntered: entered.add,
    onSignedIn: signedIns.add,
    onMessage: messages.add,

    async start() {
      const because = kept.signedOutBecause
      return because && status === 'signed-out' ? { next: 'login', because } : connectNow()
    },
    signIn: connectNow,
    bind: (username, password) => byPassword('auth/bind', username, password),
    register: (username, password) => byPassword('auth/register', username, password),
    async logOut(everywhere) {
      const told = status === 'online' ? await request('auth/logout', { everywhere }) : offline
      line.close()
      keeper.stop()
      kept.forget('logged-out')
      become('signed-out', undefined)
      return told
    },
    async unbind(password, link) {
      return leaveWhen(await request('auth/unbind', { password: md5(password), ...(link && { link }) }))
    },
    async deleteAccount(password) {
      return leaveWhen(await request('account/delete', { password: md5(password), devices: 'release' }))
    },
    async changePassword(current, next) {
      const changed = await request('auth/password', { current: md5(current), next: md5(next) })
      // An earlier broker gives none, and keeps the present token valid.
      if (changed.ok && changed.data.token && kept.token !== undefined) await signingIn.replaced(changed.data.token)
      return changed
    },

    request,
    requestAsGuest: async (operation, body) => (await guestLink())?.ask(operation, body) ?? offline,
    publish: (topic, payload) => line.current?.publish(topic, payload) ?? Promise.reject(new Error('offline')),
    awaiting: answer => line.current?.awaiting(answer) ?? answer,
    caughtUp: () => line.current?.caughtUp() ?? Promise.reject(new Error('offline')),

    now: () => platform.now() - kept.aheadMs,
    hidden: keeper.hidden,
    shown: keeper.shown,
    networkChanged: keeper.networkChanged,
  }
}

function outcomeOf(result: Result<Account>): Outcome {
  if (result.ok) return { next: 'home', account: result.data }
  const { ok: _, ...failure } = result
  return result.code === 1001 ? { next: 'bind' } : { next: 'retry', failure: failure satisfies Failure }
}
