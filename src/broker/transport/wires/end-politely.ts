import type { Outgoing } from '../outgoing.ts'
import type { Wire } from './wire.ts'

const politeEndMs = 1000

/** Sends what is left and ends the wire. A second later it terminates the wire, whether or not the peer has ended too. */
export function endPolitely(wire: Wire, rest: Outgoing): void {
  rest.flush()
  wire.end()
  setTimeout(() => wire.terminate(), politeEndMs).unref()
}
