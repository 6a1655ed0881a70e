import { readFileSync } from 'node:fs'

/** Files, databases and listeners of our own, with room to spare. */
const ownDescriptors = 200

/** How many descriptors this process may have, and how many it needs for as many connections as it takes. */
export interface DescriptorLimit {
  readonly limit: number
  readonly needed: number
}

/** Undefined where the system does not say, or there is no bound. Node raises the soft limit to the hard one as it starts. */
export function descriptorLimit({ connections }: { readonly connections: number }): DescriptorLimit | undefined {
  try {
    const [, limit] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined ? undefined : { limit: Number(limit), needed: connections + ownDescriptors }
  } catch {
    return undefined
  }
}
