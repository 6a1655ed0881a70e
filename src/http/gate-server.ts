import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionGate } from '../domain/connection-gate.ts'

/** Has every connection of a server pass the gate before HTTP sees it. What it returns knows the address of each. */
export function gateServer(server: Server, gate: Pick<ConnectionGate, 'admit'>): (socket: Socket) => string {
  const addresses = new WeakMap<Socket, string>()
  const listeners = server.rawListeners('connection')
  server.removeAllListeners('connection').on('connection', (socket: Socket) =>
    gate.admit(socket, address => {
      addresses.set(socket, address)
      for (const listener of listeners) listener.call(server, socket)
    }),
  )
  return socket => addresses.get(socket) ?? 'unknown'
}
