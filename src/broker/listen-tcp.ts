import { constants } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** A listening socket of MQTT over TCP or TLS. */
export interface Listener {
  /** The port that was really bound. */
  readonly port: number
  /** Accepts no more connections; those that are open stay. Resolves at once. */
  stop(): void
}

export interface ListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** With a certificate and key the listener speaks TLS; with `ca` too it asks for a certificate, and leaves the verdict on it to `accept`. */
  readonly tls?: TlsOptions
  /** False closes the connection at once, before a handshake. */
  readonly mayEnter: (socket: Socket, address: string) => boolean
  readonly accept: (socket: Socket) => void
  /** A TLS handshake failed. `problem` is a code of OpenSSL or of the socket, such as `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`. */
  readonly handshakeFailed?: (address: string, problem: string) => void
}

/**
 * A certificate is looked at once, in the handshake that begins a connection. So there is no other handshake on it, which could show another
 * certificate, and no session is resumed: that would bring back a verdict of earlier, though the certificate has expired since.
 */
const askForCertificate: TlsOptions = {
  requestCert: true,
  rejectUnauthorized: false,
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
}

/** Listens for MQTT. Rejects when the port cannot be bound. */
export function listenTcp({ host, port, tls, mayEnter, accept, handshakeFailed }: ListenOptions): Promise<Listener> {
  const tlsServer: Server | undefined =
    tls && createTlsServer({ ...tls, ...(tls.ca && askForCertificate), handshakeTimeout: 10_000 }, accept)
  const server = createServer({ noDelay: true }, socket => {
    const address = socket.remoteAddress ?? 'unknown' // asked once, a socket remembers it
    if (!mayEnter(socket, address)) socket.destroy()
    else if (tlsServer) tlsServer.emit('connection', socket)
    else accept(socket)
  })
  tlsServer?.on('tlsClientError', ({ code }: { code?: string }, socket: Socket) => {
    // Hanging up without a word is what a check of the port does.
    if (code !== 'ECONNRESET') handshakeFailed?.(addressBelow(socket), code ?? 'unknown')
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      server.on('error', () => {}) // accept errors (no file descriptors left) end one connection, not the listener
      const { port: bound } = server.address() as AddressInfo
      resolve({ port: bound, stop: () => void server.close() })
    })
  })
}

/** A TLS socket forgets the address when the connection ends; the socket below it does not. */
function addressBelow(socket: Socket): string {
  const below: unknown = Reflect.get(socket, '_parent') // Node has it, its types do not
  return (below instanceof Socket ? below : socket).remoteAddress ?? 'unknown'
}
