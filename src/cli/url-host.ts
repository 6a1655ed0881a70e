/** The address that a client on this machine reaches the listeners of `host` by, as it stands in a URL. */
export function urlHost(host: string): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return reachable.includes(':') ? `[${reachable}]` : reachable
}
