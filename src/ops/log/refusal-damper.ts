import { type CountedNetwork, networksOf } from '../../network/counted-networks.ts'

/** Keeps whoever guesses passwords all day from filling the audit trail, and who connects or asks all day from filling the log. */
export interface RefusalDamper<About = void> {
  /** Notes a refusal by whatever it is counted by. False when it is to be left out. */
  note(key: string, about: About): boolean
  /** The same of an address, by the networks that it lies in, for each `what` on its own. */
  noteFrom(address: string, about: About, what?: string): boolean
  /** Tells of what was left out so far, without waiting for the minute to end. */
  finish(): void
}

const windowMs = 60_000
const entriesPerWindow = 10

/**
 * Ten refusals a minute of one key or address have an entry each, and of an IPv6 network its share of that; how many followed is told by `summarise`
 * when the minute is over, with what was said about the first. `who` is the key, or the network that had its share.
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
