import { constants } from 'node:crypto'
import { Socket } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { charge, createOpenLimit, networkCharges, refund } from '../limits/counted-limit.ts'
import { type Listener, type ListenOptions, listenTcp } from './listen-tcp.ts'

/** What a TLS listener shows, in PEM; with `ca` it asks for a certificate of that authority. */
export interface Certificate {
  readonly cert: Buffer | string
  readonly key: Buffer | string
  readonly ca?: Buffer | string
}

export interface ListenTlsOptions extends ListenOptions {
  /** With `ca` the verdict on what a client shows is left to `accept`. */
  readonly certificate: Certificate
  /** A handshake that takes longer has failed. 15 seconds when not given: small devices are slow at it. */
  readonly handshakeTimeoutMs?: number
  /** Application protocols to agree on (ALPN); none when not given. */
  readonly protocols?: readonly string[]
  /**
   * A handshake failed, and its connection is closed. `problem` is a code of OpenSSL or of the socket, such as
   * `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`.
   */
  readonly handshakeFailed?: (address: string, problem: string) => void
}

/** Handshakes of one address that may be unfinished at once. */
const unfinishedPerAddress = 20

/** Its `stop` closes connections in the middle of a handshake too. */
export interface TlsListener extends Listener {
  /** Handshakes that begin later use this; connections stay. Throws, and goes on with what it has, when it cannot be used. */
  use(certificate: Certificate): void
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
    // Hanging up without a word is what a check of the port does.
    if (code !== 'ECONNRESET') handshakeFailed?.(addressOf(socket), code ?? 'unknown')
    socket.destroy() // Node leaves a connection open whose handshake takes too long
  })
  const listener = await listenTcp({
    ...listening,
    accept(socket, address) {
      if (charge(networkCharges(unfinished, address)) > 0) {
        handshakeFailed?.(address, 'too many that are not finished')
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

/** The socket that a TLS socket stands on. */
function below(socket: Socket): Socket {
  const parent: unknown = Reflect.get(socket, '_parent') // Node has it, its types do not
  return parent instanceof Socket ? parent : socket
}
