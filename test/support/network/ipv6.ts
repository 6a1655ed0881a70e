import { networkInterfaces } from 'node:os'

/** Why tests over IPv6 are skipped on this machine: it has no `::1`. Undefined where it has. */
export const withoutIPv6: string | undefined = Object.values(networkInterfaces()).some(each =>
  each?.some(({ address }) => address === '::1'),
)
  ? undefined
  : 'tests over IPv6 are skipped: this machine has no ::1'
if (withoutIPv6) console.warn(withoutIPv6)
