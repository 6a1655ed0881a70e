/** What mqtt.js is to be given besides the URL of a broker: over WebSocket it leaves the brackets of an IPv6 literal out. */
export function hostIn(url: string): { readonly hostname?: string } {
  const literal = /^w[sx]s?:\/\/(\[[^\]/]+\])/i.exec(url)?.[1]
  return literal === undefined ? {} : { hostname: literal }
}

/** The MQTT that the HTTP port of a broker carries, for who names that port: `http://[::1]:8080` is `ws://[::1]:8080/mqtt`. */
export const mqttUrlOf = (url: string): string =>
  /^https?:\/\//i.test(url) ? `${url.replace(/^http/i, 'ws').replace(/\/(mqtt)?$/, '')}/mqtt` : url
