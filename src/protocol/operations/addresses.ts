import * as z from 'zod/mini'
import { nothingSchema, operation } from '../operation.ts'

const access = ['operator'] as const
const addressSchema = z
  .string()
  .check(
    z.refine(
      text => isAddressOrNetwork(text),
      'must be an address, or a network: IPv4 from /24 to /32, IPv6 from /48 to /64',
    ),
  )

/** Of an address that is of one link only, a session has its zone too: `fe80::1%eth0`. */
const zone = /%[\w.-]{1,15}$/

const isAddress = (text: string): boolean =>
  z.ipv4().safeParse(text).success || z.ipv6().safeParse(text.replace(zone, '')).success

function isAddressOrNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{2}))?$/.exec(text) ?? []
  if (!isAddress(address)) return false
  const [shortest, longest] = address.includes(':') ? [48, 64] : [24, 32]
  return bits === undefined || (Number(bits) >= shortest && Number(bits) <= longest)
}

/** Keeping an address or a network out for a time. Of an IPv6 address its /64 is meant, as everywhere. */
export const addressOperations = {
  'ops/addresses': operation({
    access,
    summary: 'list the addresses that are blocked now; a restart clears them',
    request: z.object({}),
    data: z.strictObject({
      blocked: z.array(
        z.strictObject({
          /** An IPv4 address, or a network: IPv4 from /24 on, IPv6 from /48 to /64. */
          network: z.string(),
          /** Milliseconds since 1970. */
          since: z.number(),
          until: z.number(),
          /** Connections refused because of it. */
          refused: z.number(),
        }),
      ),
    }),
    codes: [],
  }),
  'ops/address/block': operation({
    access,
    summary:
      'close every connection from an address or a network (IPv4 from `/24`, IPv6 `/48` to `/64`) at once, and accept no new ones for some minutes; not your own address',
    request: z.object({ address: addressSchema, minutes: z.int().check(z.gte(1), z.lte(10_080)) }),
    data: z.strictObject({
      network: z.string(),
      until: z.number(),
      /** How many connections were closed. */
      ended: z.number(),
    }),
    codes: [],
  }),
  'ops/address/unblock': operation({
    access,
    summary: 'accept connections again from an address or a network in the list of blocks',
    request: z.object({ address: addressSchema }),
    data: nothingSchema,
    codes: [3001],
  }),
} as const
