import { networkOf } from '../domain/network.ts'

/** Keeps whoever guesses passwords all day from filling the audit trail, and who connects all day from filling the log. */
export interface RefusalDamper {
  /** Notes a refusal, by an address or whatever else it is counted by. False when it is to be left out. */
  note(address: string): boolean
  /** Tells of what was left out so far, without waiting for the minute to end. */
  finish(): void
}

const windowMs = 60_000
const entriesPerWindow = 10

/** Ten refusals a minute of one address have an entry each; how many followed is told by `summarise` when the minute is over. */
export function createRefusalDamper(summarise: (network: string, count: number) => void): RefusalDamper {
  const recent = new Map<string, { refusals: number; timer: NodeJS.Timeout }>()
  function end(network: string): void {
    const count = (recent.get(network)?.refusals ?? 0) - entriesPerWindow
    recent.delete(network)
    if (count > 0) summarise(network, count)
  }
  return {
    note(address) {
      const network = networkOf(address)
      const known = recent.get(network) ?? { refusals: 0, timer: setTimeout(() => end(network), windowMs).unref() }
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
