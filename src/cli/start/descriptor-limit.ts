import { readFileSync } from 'node:fs'

/** For our own files, databases and listeners, with room to spare. */
const ownDescriptors = 200

/** How many descriptors this process may have, and how many it needs for the configured number of connections. */
export interface DescriptorLimit {
  readonly limit: number
  readonly needed: number
}

/** Undefined when the system does not say or sets no limit. Node raises the soft limit to the hard one as it starts. */
export function descriptorLimit({ connections }: { readonly connections: number }): DescriptorLimit | undefined {
  try {
    const [, limit] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return limit === undefined ? undefined : { limit: Number(limit), needed: connections + ownDescriptors }
  } catch {
    return undefined
  }
}
