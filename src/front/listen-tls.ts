import { constants } from 'node:crypto'
import { Socket } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { charge, createOpenLimit, networkCharges, refund } from '../limits/counted-limit.ts'
import { type Listener, type ListenOptions, listenTcp } from './listen-tcp.ts'

/** The certificate of a TLS listener, in PEM; with `ca` it asks clients for a certificate of that authority. */
export interface Certificate {
  readonly cert: Buffer | string
  readonly key: Buffer | string
  readonly ca?: Buffer | string
}

export interface ListenTlsOptions extends ListenOptions {
  /** With `ca`, `accept` judges the client's certificate. */
  readonly certificate: Certificate
  /** A handshake that takes longer fails. 15 seconds by default, since small devices are slow. */
  readonly handshakeTimeoutMs?: number
  /** Application protocols to negotiate (ALPN); none by default. */
  readonly protocols?: readonly string[]
  /**
   * A handshake failed, and its connection is closed. `problem` is a code of OpenSSL or of the socket, such as
   * `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`.
   */
  readonly handshakeFailed?: (address: string, problem: string) => void
}

/** Unfinished handshakes of one address. */
const unfinishedPerAddress = 20

/** A TLS listener. Its `stop` also closes connections in the middle of a handshake. */
export interface TlsListener extends Listener {
  /** Uses this certificate for later handshakes; open connections stay. Throws, and keeps the old one, when it cannot be used. */
  use(certificate: Certificate): void
}

/**
 * A client certificate is checked once, in the handshake that begins a connection. So renegotiation is off, since it could present another
 * certificate, and no session is resumed: that would restore an earlier verdict although the certificate has expired since.
 */
const askForCertificate: TlsOptions = {
  requestCert: true,
  rejectUnauthorized: false,
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
}
const contextOf = (certificate: Certificate): TlsOptions => ({
  minVersion: 'TLSv1.2',
  ...certificate,
  ...(certificate.ca && askForCertificate),
})

/** Listens for MQTT over TLS. Rejects when the port cannot be bound. */
export async function listenTls(options: ListenTlsOptions): Promise<TlsListener> {
  const { certificate, accept, handshakeFailed, protocols, handshakeTimeoutMs = 15_000, ...listening } = options
  const handshaking = new Set<Socket>()
  const addresses = new WeakMap<Socket, string>()
  const addressOf = (socket: Socket) => addresses.get(below(socket)) ?? 'unknown'
  const unfinished = createOpenLimit(unfinishedPerAddress)
  const settings = {
    ...contextOf(certificate),
    handshakeTimeout: handshakeTimeoutMs,
    ...(protocols && { ALPNProtocols: [...protocols] }),
  }
  const server = createServer(settings, socket => {
    finished(below(socket))
    accept(socket, addressOf(socket))
  })

  function finished(socket: Socket): void {
    if (handshaking.delete(socket)) refund(networkCharges(unfinished, addressOf(socket)))
  }

  server.on('tlsClientError', ({ code }: { code?: string }, socket: Socket) => {
    // A port check closes the connection without sending anything.
    if (code !== 'ECONNRESET') handshakeFailed?.(addressOf(socket), code ?? 'unknown')
    socket.destroy() // Node leaves the connection open after a handshake timeout
  })
  const listener = await listenTcp({
    ...listening,
    accept(socket, address) {
      if (charge(networkCharges(unfinished, address)) > 0) {
        handshakeFailed?.(address, 'too many unfinished handshakes')
        socket.destroy()
        return
      }
      addresses.set(socket, address)
      handshaking.add(socket)
      socket.once('close', () => finished(socket))
      server.emit('connection', socket)
    },
  })
  return {
    port: listener.port,
    stop() {
      listener.stop()
      for (const socket of handshaking) socket.destroy()
    },
    use: next => server.setSecureContext(contextOf(next)),
  }
}

/** The socket below a TLS socket. */
function below(socket: Socket): Socket {
  const parent: unknown = Reflect.get(socket, '_parent') // missing in Node's types
  return parent instanceof Socket ? parent : socket
}
