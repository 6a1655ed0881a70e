/** What a header of the PROXY protocol begins with, by its version (HAProxy, doc/proxy-protocol.txt). */
export const proxyHeaderBegins = {
  1: Buffer.from('PROXY '),
  2: Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
} as const
