/** Why a connection is refused before anything is read from it, or an HTTP request before it is handled. */
export const tooManyConnections = [
  'too-many-connections',
  'too-many-from-address',
  'too-often-from-address',
  'too-many-requests',
] as const
export type TooManyConnections = (typeof tooManyConnections)[number]

/** Emits 'close' once. */
export interface Closing {
  once(event: 'close', listener: () => void): unknown
}

/** Bounds the number of connections, over all transports. Each refusal is announced. */
export interface ConnectionLimits {
  /** Counts a connection until it closes, or says why it must be closed. A proxy's counts only in the total at first. */
  enter(connection: Closing, address: string, whose?: 'client' | 'proxy'): TooManyConnections | undefined
  /** Counts a connection that is in the total already for this address too, or says why it must be closed. */
  attribute(connection: Closing, address: string): TooManyConnections | undefined
  /** Counts an HTTP request, or says why it must not be answered. */
  asks(address: string): TooManyConnections | undefined
}
