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

/** Where the index page goes next. */
export type Arrival =
  | { readonly next: 'home' }
  /** This WeChat user is not bound to an account yet. */
  | { readonly next: 'bind' }
  /** Signing in again takes a tap: the person logged out, or somebody ended the session from elsewhere. */
  | { readonly next: 'login'; readonly because: 'logged-out' | 'revoked' }
  | { readonly next: 'retry'; readonly failure: Failure }

/** One connection to the broker, and who is signed in on it. */
export interface Session {
  readonly status: SessionStatus
  /** Who is signed in; undefined until the broker has said so. */
  readonly account: Account | undefined
  /** Calls back after every change of `status` or `account`. Returns a function that ends it. */
  onChange(listener: () => void): () => void
  /**
   * * Calls back as soon as a connection belongs to somebody, before the broker has confirmed to whom: requests made here travel with that question. Their
   * answers count only after `onSignedIn`.
   */
  onEntered(listener: (link: Pick<Link, 'ask' | 'subscribe'>) => void): () => void
  /** Calls back each time this session is signed in on a new connection, after {@link onEntered}. */
  onSignedIn(listener: () => void): () => void
  /** Calls back with every message except replies; `payload` is text. */
  onMessage(listener: (topic: string, payload: string, retained: boolean) => void): () => void

  /** Signs in with the stored token, or silently by WeChat when there is none and nobody logged out here. Concurrent calls share one attempt. */
  start(): Promise<Arrival>
  /** Signs in by WeChat, also after somebody logged out. */
  signIn(): Promise<Arrival>
  /** `password` is what the person typed; only its MD5 leaves the phone. */
  bind(username: string, password: string): Promise<Result<Account>>
  register(username: string, password: string): Promise<Result<Account>>
  /** Afterwards nobody is signed in here, whatever the answer. When it fails the broker was not told, and other phones stay signed in. */
  logOut(everywhere: boolean): Promise<Result<object>>
  /** Unbinds every WeChat user, or the one of this `link`. Afterwards nobody is signed in to the account. */
  unbind(password: string, link?: string): Promise<Result<object>>
  changePassword(current: string, next: string): Promise<Result<object>>
  /** Deletes the account, and gives up the devices that it owns. Afterwards nobody is signed in here. */
  deleteAccount(password: string): Promise<Result<object>>

  /**
   * * Sends a request to the broker. Never rejects: `timeout` after 12 s, or later on a slow link; `offline` at once, and as soon as the connection is found
   * dead. While a connection is being made it waits for that, because people often ask just after coming back (from scanning a code, say).
   */
  request<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Result<DataOf<N>>>
  /** The same for what guests may ask too: nobody needs to be signed in. */
  requestAsGuest<N extends OperationName>(operation: N, body: RequestBodyOf<N>): Promise<Result<DataOf<N>>>
  /** Rejects when there is no connection. */
  publish(topic: string, payload: string): Promise<void>
  /** Until `answer` is settled something is awaited here: if the connection dies meanwhile, that is detected within five seconds. */
  awaiting<T>(answer: Promise<T>): Promise<T>
  /** Resolves when all that the broker had sent by now has arrived. Rejects when there is no connection, or it ends before. */
  caughtUp(): Promise<void>

  /** The broker's time in milliseconds since 1970, as far as it is known: the phone's own clock may be wrong by days. */
  now(): number

  /** The mini-program went to the background, came back, or the network changed. */
  hidden(): void
  shown(): void
  networkChanged(isConnected: boolean): void
}
