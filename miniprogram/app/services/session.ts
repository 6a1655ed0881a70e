import type { DataOf, OperationName, RequestBodyOf } from '../../../src/protocol/operations.ts'
import type { Failure, Result } from './failure.ts'
import type { Link } from './link.ts'

export type SessionStatus =
  /** Nobody is signed in: pages send the person to the index page. */
  | 'signed-out'
  /** `start` or `signIn` is on its way. */
  | 'connecting'
  | 'online'
  /** Signed in, but the connection is lost; it is being tried again. */
  | 'offline'

export type Account = DataOf<'account/me'>

/** Where the index page goes from here. */
export type Arrival =
  | { readonly next: 'home' }
  /** This WeChat user is bound to no account yet. */
  | { readonly next: 'bind' }
  /** Signing in again takes a tap: the person logged out, or somebody ended the session from elsewhere. */
  | { readonly next: 'login'; readonly because: 'logged-out' | 'revoked' }
  | { readonly next: 'retry'; readonly failure: Failure }

/** One connection to the broker, and who is signed in on it. */
export interface Session {
  readonly status: SessionStatus
  /** Who is signed in; undefined until the broker said so. */
  readonly account: Account | undefined
  /** Told after every change of `status` or `account`; gives back what ends it. */
  onChange(listener: () => void): () => void
  /**
   * Told as soon as a connection is somebody's, before the broker has said whose: what is asked of it here travels with that question. Answers count only once
   * `onSignedIn` is told.
   */
  onEntered(listener: (link: Pick<Link, 'ask' | 'subscribe'>) => void): () => void
  /** Told each time this session is signed in on a fresh connection, after {@link onEntered} was. */
  onSignedIn(listener: () => void): () => void
  /** Told of every message but replies; `payload` is text. */
  onMessage(listener: (topic: string, payload: string, retained: boolean) => void): () => void

  /** With the stored token, or silently by WeChat when there is none and nobody logged out here. Concurrent calls share one. */
  start(): Promise<Arrival>
  /** By WeChat, also after somebody logged out. */
  signIn(): Promise<Arrival>
  /** `password` is what the person typed; only its MD5 leaves the phone. */
  bind(username: string, password: string): Promise<Result<Account>>
  register(username: string, password: string): Promise<Result<Account>>
  /** Nobody is signed in here afterwards, whatever the answer; when it fails the broker was not told, and other phones stay signed in. */
  logOut(everywhere: boolean): Promise<Result<object>>
  /** Every WeChat user, or the one of this `link`; nobody is signed in to the account afterwards. */
  unbind(password: string, link?: string): Promise<Result<object>>
  changePassword(current: string, next: string): Promise<Result<object>>
  /** Deletes the account, and gives up the devices that it owns; nobody is signed in here afterwards. */
  deleteAccount(password: string): Promise<Result<object>>

  /**
   * Asks the broker. Never rejects: `timeout` after 12 s, or later when its link is slow; `offline` at once, and as soon as the connection is
   * found dead. While a connection is being made it waits for that, since coming back (from scanning a code, say) is when people ask.
   */
  request<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Result<DataOf<N>>>
  /** The same for what guests may ask too: nobody needs to be signed in. */
  requestAsGuest<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Result<DataOf<N>>>
  /** Rejects when there is no connection. */
  publish(topic: string, payload: string): Promise<void>
  /** Until `answer` is settled something is awaited here: a connection that is dead meanwhile is found out within five seconds. */
  awaiting<T>(answer: Promise<T>): Promise<T>
  /** Resolves when all that the broker had sent by now has arrived. Rejects when there is no connection, or it ends before. */
  caughtUp(): Promise<void>

  /** The broker's time, in milliseconds since 1970, as far as it is known: the phone's own clock may be wrong by days. */
  now(): number

  /** The mini-program went to the background, came back, or the network changed. */
  hidden(): void
  shown(): void
  networkChanged(isConnected: boolean): void
}
