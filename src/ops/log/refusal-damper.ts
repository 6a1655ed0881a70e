import { type CountedNetwork, networksOf } from '../../network/counted-networks.ts'

/** Keeps endless guessing from filling the audit trail, and endless connecting and asking from filling the log. */
export interface RefusalDamper<About = void> {
  /** Notes a refusal under a key. False when it should be left out. */
  note(key: string, about: About): boolean
  /** Notes a refusal of an address, counted by the networks it is in, separately for each `what`. */
  noteFrom(address: string, about: About, what?: string): boolean
  /** Summarises at once what was left out so far. */
  finish(): void
}

const windowMs = 60_000
const entriesPerWindow = 10

/**
 * Ten refusals a minute of one key or address have an entry each; an IPv6 network has its share of that. At the end of the minute `summarise`
 * gets the number of further ones, with what was noted about the first. `who` is the key, or the network that reached its share.
 */
export function createRefusalDamper<About = void>(
  summarise: (who: string, count: number, about: About) => void,
): RefusalDamper<About> {
  interface Recent {
    entries: number
    leftOut: number
    readonly who: string
    readonly about: About
    readonly timer: NodeJS.Timeout
  }
  const recent = new Map<string, Recent>()
  function end(key: string): void {
    const ended = recent.get(key)
    recent.delete(key)
    if (ended && ended.leftOut > 0) summarise(ended.who, ended.leftOut, ended.about)
  }
  function begin(key: string, who: string, about: About): Recent {
    const begun = { entries: 0, leftOut: 0, who, about, timer: setTimeout(() => end(key), windowMs).unref() }
    recent.set(key, begun)
    return begun
  }
  function noteOf(networks: readonly CountedNetwork[], about: About, what: string): boolean {
    const keyOf = (network: string) => `${network} ${what}`
    for (const { network, share } of networks) {
      const known = recent.get(keyOf(network))
      if (!known || known.entries < entriesPerWindow * share) continue
      known.leftOut++
      return false
    }
    for (const { network } of networks) {
      const key = keyOf(network)
      const known = recent.get(key) ?? begin(key, network, about)
      known.entries++
    }
    return true
  }
  return {
    note: (key, about) => noteOf([{ network: key, share: 1 }], about, ''),
    noteFrom: (address, about, what = '') => noteOf(networksOf(address), about, what),
    finish() {
      for (const [key, { timer }] of recent) {
        clearTimeout(timer)
        end(key)
      }
    },
  }
}
