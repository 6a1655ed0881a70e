import { networkOf } from '../domain/network.ts'

/** Keeps whoever guesses passwords all day from filling the audit trail, and who connects or asks all day from filling the log. */
export interface RefusalDamper<About = void> {
  /** Notes a refusal, by an address or whatever else it is counted by. False when it is to be left out. */
  note(address: string, about: About): boolean
  /** Tells of what was left out so far, without waiting for the minute to end. */
  finish(): void
}

const windowMs = 60_000
const entriesPerWindow = 10

/**
 * Ten refusals a minute of one address have an entry each; how many followed is told by `summarise` when the minute is over, with what was said
 * about the first.
 */
export function createRefusalDamper<About = void>(
  summarise: (network: string, count: number, about: About) => void,
): RefusalDamper<About> {
  const recent = new Map<string, { refusals: number; readonly about: About; readonly timer: NodeJS.Timeout }>()
  function end(network: string): void {
    const ended = recent.get(network)
    recent.delete(network)
    if (ended && ended.refusals > entriesPerWindow) summarise(network, ended.refusals - entriesPerWindow, ended.about)
  }
  return {
    note(address, about) {
      const network = networkOf(address)
      const known = recent.get(network) ?? {
        refusals: 0,
        about,
        timer: setTimeout(() => end(network), windowMs).unref(),
      }
      recent.set(network, known)
      return ++known.refusals <= entriesPerWindow
    },
    finish() {
      for (const [network, { timer }] of recent) {
        clearTimeout(timer)
        end(network)
      }
    },
  }
}
