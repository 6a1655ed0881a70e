/** Why a connection is refused before anything of it is read. */
export const tooManyConnections = ['too-many-connections', 'too-many-from-address', 'too-often-from-address'] as const
export type TooManyConnections = (typeof tooManyConnections)[number]

/** What can be told to be over. */
export interface Closing {
  once(event: 'close', listener: () => void): unknown
}

/** Bounds how many connections there are, of whatever transport. */
export interface ConnectionLimits {
  /** Counts a connection until it closes; or says why it is to be closed, which is announced then. */
  enter(connection: Closing, address: string): TooManyConnections | undefined
}
