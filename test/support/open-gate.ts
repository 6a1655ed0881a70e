import type { Socket } from 'node:net'

/** Lets everybody in, as who their socket says they are. */
export const openGate = {
  admit: (socket: Socket, enter: (address: string) => void) => enter(socket.remoteAddress ?? 'unknown'),
}
