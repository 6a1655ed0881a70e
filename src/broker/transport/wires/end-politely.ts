import type { Outgoing } from '../outgoing.ts'
import type { Wire } from './wire.ts'

const politeEndMs = 1000

/** Sends what is left, ends the wire, and a second later terminates it, whether or not the peer has ended too. */
export function endPolitely(wire: Wire, rest: Outgoing): void {
  rest.flush()
  wire.end()
  setTimeout(() => wire.terminate(), politeEndMs).unref()
}
