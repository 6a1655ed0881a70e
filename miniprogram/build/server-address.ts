/** The address for mqtt.js, or a sentence that says what is wrong with it. */
export function parseServerAddress(text: string): { readonly url: string } | { readonly problem: string } {
  if (!URL.canParse(text)) return { problem: `${text} is not an address such as wss://mqtt.example.com/mqtt` }
  const url = new URL(text)
  if (!/^wss?:$/.test(url.protocol)) return { problem: `${text} must begin with wss:// (or ws:// for DevTools)` }
  if (url.username || url.password || url.search || url.hash)
    return { problem: 'an address has no user, query or fragment' }
  return { url: url.pathname === '/' ? `${url.protocol}//${url.host}/mqtt` : url.href }
}
