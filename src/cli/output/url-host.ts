import { isIPv6 } from 'node:net'
import { addressOf } from '../../network/ip-address.ts'

const anyIPv6 = addressOf('::')

/** The address at which a client on this machine reaches the listeners of `host`, as it is written in a URL. */
export function urlHost(host: string): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : addressOf(host) === anyIPv6 ? '::1' : host
  return isIPv6(reachable) ? `[${reachable}]` : reachable
}
