import { isIPv4, isIPv6 } from 'node:net'

/** An address taken apart: an IPv6 address has eight groups of 16 bits. An IPv4 address in IPv6 (`::ffff:192.0.2.1`) is an IPv4 address. */
export type IpAddress =
  | { readonly family: 'ipv4'; readonly quad: string }
  | { readonly family: 'ipv6'; readonly groups: readonly number[] }

/** Takes an address apart, without its zone (`%eth0`); undefined for any other text. */
export function parseAddress(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { family: 'ipv4', quad: text }
  const [literal = ''] = text.split('%', 1)
  if (!isIPv6(literal)) return undefined
  const [front = '', back = ''] = literal.replace(/\d+\.[\d.]+$/, inHex).split('::')
  const [first, last] = [groupsIn(front), groupsIn(back)]
  const gap = new Array<number>(8 - first.length - last.length).fill(0)
  const groups = [...first, ...gap, ...last]
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,65535'
  return isMapped
    ? { family: 'ipv4', quad: [high >> 8, high & 255, low >> 8, low & 255].join('.') }
    : { family: 'ipv6', groups }
}

const groupsIn = (part: string): number[] =>
  part === '' ? [] : part.split(':').map(group => Number.parseInt(group, 16))

/** `c000:201` of `192.0.2.1`. */
function inHex(quad: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = quad.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/** The one spelling by which addresses are compared: all eight groups of an IPv6 address (`::1` is `0:0:0:0:0:0:0:1`). */
export const spelled = (address: IpAddress): string =>
  address.family === 'ipv4' ? address.quad : address.groups.map(group => group.toString(16)).join(':')

/** {@link spelled} of an address without its zone; any other text stays as it is. */
export function addressOf(text: string): string {
  const address = parseAddress(text)
  return address ? spelled(address) : text
}

/** True for an address that only this machine can connect from. */
export const isLoopback = (address: string): boolean =>
  /^(127\.\d+\.\d+\.\d+|0:0:0:0:0:0:0:1)$/.test(addressOf(address))
