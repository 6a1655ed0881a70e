import type { IClientOptions } from 'mqtt'

/** Options of a client over WebSocket that comes from `source`, as a proxy says that `trustedProxies` names. */
export const forwardedFor = (source: string): IClientOptions => ({
  wsOptions: { headers: { 'x-forwarded-for': source } },
})

/** The PROXY header, version 1, of a connection that `source` made. */
export const proxyHeaderV1 = (source: string): Buffer =>
  Buffer.from(
    `PROXY TCP${source.includes(':') ? 6 : 4} ${source} ${source.includes(':') ? '::1' : '10.0.0.1'} 40000 1883\r\n`,
  )

/** The same in version 2; `source` is an IPv4 address. */
export const proxyHeaderV2 = (source: string): Buffer =>
  Buffer.from([
    ...Buffer.from('\r\n\r\n\0\r\nQUIT\n'),
    ...[0x21, 0x11, 0, 12],
    ...source.split('.').map(Number),
    ...[10, 0, 0, 1],
    ...[0x9c, 0x40, 0x07, 0x5b],
  ])
