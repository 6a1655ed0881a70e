/** Why a connection is refused before anything of it is read, or an HTTP request before it is worked on. */
export const tooManyConnections = [
  'too-many-connections',
  'too-many-from-address',
  'too-often-from-address',
  'too-many-requests',
] as const
export type TooManyConnections = (typeof tooManyConnections)[number]

/** What can be told to be over. */
export interface Closing {
  once(event: 'close', listener: () => void): unknown
}

/** Bounds how many connections there are, of whatever transport. Each refusal is announced. */
export interface ConnectionLimits {
  /** Counts a connection until it closes; or says why it is to be closed. A proxy's counts in the total alone, as yet. */
  enter(connection: Closing, address: string, whose?: 'client' | 'proxy'): TooManyConnections | undefined
  /** Counts a connection, which is in the total already, for this address too; or says why it is to be closed. */
  attribute(connection: Closing, address: string): TooManyConnections | undefined
  /** Counts an HTTP request; or says why it is not to be answered. */
  asks(address: string): TooManyConnections | undefined
}
