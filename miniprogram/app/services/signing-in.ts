import type { Failure, Result } from './failure.ts'
import type { KeptSignIn } from './kept-sign-in.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import type { Platform } from './platform.ts'
import type { Account } from './session.ts'

/** The ways to sign in. All store the token, and none rejects. */
export interface SigningIn {
  /** On a new connection. `refused` when the broker does not accept the token: it is of no use any more. */
  byToken(token: string): Promise<Result<Account> | 'refused'>
  /** In place, on the open connection, or else on a guest's. */
  byWechat(): Promise<Result<Account>>
  byPassword(operation: 'auth/bind' | 'auth/register', username: string, password: string): Promise<Result<Account>>
  /** Fetches a token in place of the one that is about to expire. Resolves with undefined when there is none, or there was a new one a minute ago. */
  refresh(): Promise<Account | undefined>
  /** The session goes on with another token; the stored one is void. */
  replaced(token: string): Promise<void>
}

interface Options {
  readonly line: Line
  readonly kept: KeptSignIn
  readonly platform: Pick<Platform, 'loginCode' | 'now'>
  readonly md5: (text: string) => string
  /** Told of a connection that belongs to somebody from now on. */
  readonly entered: (link: Link) => void
}

const offline = { ok: false, code: 'offline' } as const
const loginCodeTimeoutMs = 8000
/** A token that lives for less than five minutes is always about to expire. */
const refreshEveryMs = 60_000
const badCredentials = 4
const notAuthorized = 5
const anothersId = 1009

export function createSigningIn({ line, kept, platform, md5, entered }: Options): SigningIn {
  let codes: Promise<string | undefined> = Promise.resolve(undefined)
  let refreshedAtMs = Number.NEGATIVE_INFINITY
  let tokensMet = 0

  /** One at a time: concurrent calls of `wx.login` race, and each code works once. Undefined when WeChat gives none. */
  function freshCode(): Promise<string | undefined> {
    codes = codes.then(() => inTime(platform.loginCode, loginCodeTimeoutMs))
    return codes
  }

  async function guestLink(): Promise<Link | undefined> {
    return line.current ?? (await line.open()).link
  }

  /**
   * * Stores who is signed in now. A token whose connection was given up meanwhile is dropped: somebody may have logged out. So is one that was replaced
   * meanwhile.
   */
  async function meet(link: Link, token: string): Promise<Result<Account>> {
    const nth = ++tokensMet
    const account = await link.ask('account/me', {})
    if (!account.ok) return account
    if (!link.isOpen) return offline
    const { tokenExpiresAt, now = platform.now() } = account.data // an earlier broker does not say
    if (nth === tokensMet) kept.keep(token, tokenExpiresAt * 1000, platform.now() - now)
    return account
  }

  /** A connection that does not answer, or does not say who is signed in on it, is of no use. */
  async function meetOrDrop(link: Link, token: string): Promise<Result<Account>> {
    const met = meet(link, token)
    entered(link)
    const account = await met
    if (!account.ok) link.drop()
    return account
  }

  async function inPlace(link: Link, ask: () => Promise<Result<string>>): Promise<Result<Account>> {
    const token = await ask()
    if (token.ok) return meetOrDrop(link, token.data)
    if (token.code === 'timeout') link.drop()
    if (token.code === anothersId) line.anew()
    return token
  }

  async function withCode(ask: (link: Link, code: string) => Promise<Result<string>>): Promise<Result<Account>> {
    const [link, code] = await Promise.all([guestLink(), freshCode()])
    if (!link) return offline
    return code === undefined ? { ok: false, code: 'no-login-code' } : inPlace(link, () => ask(link, code))
  }

  return {
    async byToken(token) {
      const { link, refused } = await line.open(token)
      if (link) return meetOrDrop(link, token)
      return refused === badCredentials || refused === notAuthorized ? 'refused' : offline
    },
    byWechat: () => withCode((link, code) => link.ask('auth/login', { code })),
    byPassword: (operation, username, password) =>
      withCode((link, code) => link.ask(operation, { username, password: md5(password), code })),
    async refresh() {
      const link = line.current
      const now = platform.now()
      if (!link || now - refreshedAtMs < refreshEveryMs) return undefined
      refreshedAtMs = now
      const token = await link.ask('auth/refresh', {})
      const account = token.ok ? await meet(link, token.data) : token
      return account.ok ? account.data : undefined
    },
    async replaced(token) {
      kept.keep(token, kept.expiresAtMs - kept.aheadMs, kept.aheadMs) // at once: the old token is of no use, and the answer to the next request may not come
      const link = line.current
      if (link) await meet(link, token)
    },
  }
}

/** Failures that pass by themselves; any other is shown to the person, who signs in again. */
export const isPassing = ({ code }: Failure): boolean =>
  typeof code === 'string' || code === 1003 || code === 1006 || code === 1009 || code === 4029 || code === 5000

function inTime(ask: () => Promise<string>, timeoutMs: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs)
    const given = (code?: string) => {
      clearTimeout(timer)
      resolve(code)
    }
    Promise.resolve()
      .then(ask)
      .then(given, () => given())
  })
}
