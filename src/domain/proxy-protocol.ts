/** The first bytes of a PROXY header, by version of the protocol (HAProxy, doc/proxy-protocol.txt). */
export const proxyHeaderBegins = {
  1: Buffer.from('PROXY '),
  2: Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
} as const
