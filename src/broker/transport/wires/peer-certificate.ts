import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { PeerCertificate } from '../../../domain/sign-in.ts'

/** Why the certificate is refused: the code of OpenSSL's check, such as `CERT_HAS_EXPIRED`. */
export interface BadCertificate {
  readonly problem: string
}

/**
 * The certificate that the peer showed in its handshake, checked against the listener's authority; undefined when it showed none. To be asked
 * before anything is read from the socket.
 */
export function readPeerCertificate(socket: Socket): PeerCertificate | BadCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (!certificate) return undefined
  if (!socket.authorized) return { problem: String(socket.authorizationError) }
  const { subject } = socket.getPeerCertificate()
  // Several common names are an array; such a certificate names no device.
  const commonName: unknown = subject?.CN
  return { commonName: typeof commonName === 'string' ? commonName : '' }
}
