/** Where the broker is: beside the page, on the host that served it and below the same path. */
export function brokerUrl(page: string): string {
  const url = new URL('../mqtt', page)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}
