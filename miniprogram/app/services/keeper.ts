import { createBackoff } from './backoff.ts'

/** Decides when to connect, for a caller that wants to stay connected. It does not know how. */
export interface Keeper<Outcome> {
  /** The attempt that is under way. */
  readonly underWay: Promise<Outcome> | undefined
  /** Tries at once. An attempt that is under way is replaced by this one; whoever waits for it waits for this one. */
  tryNow(): Promise<Outcome>
  /** The connection was lost, not closed by us. */
  lost(): void
  /** Gives up what is under way, and does not try again by itself. */
  stop(): void
  hidden(): void
  shown(): void
  networkChanged(isConnected: boolean): void
}

interface Options<Outcome> {
  /** Must not reject. When `drop` is called meanwhile, resolves soon. */
  readonly attempt: () => Promise<Outcome>
  /** Told the outcome of an attempt, unless another has replaced it. */
  readonly arrived: (outcome: Outcome) => void
  /** Gives up the connection, or its opening, at once. */
  readonly drop: () => void
  /** The connection was given up or lost. */
  readonly wentOffline: () => void
  /** Whether somebody is signed in without a connection. */
  readonly isMissing: () => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly random: () => number
}

/** After this long in the background a socket may be dead without notice. */
const trustedAwayMs = 4000
/** A connection that has lasted this long counts as a good one. */
const steadyMs = 10_000

export function createKeeper<Outcome>(options: Options<Outcome>): Keeper<Outcome> {
  const { attempt, arrived, drop, wentOffline, isMissing, now, random } = options
  const backoff = createBackoff(random)
  let underWay: Promise<Outcome> | undefined
  let forgetTimer = () => {}
  let hiddenAtMs: number | undefined
  let hasNetwork = true
  let arrivedAtMs = 0

  function tryNow(): Promise<Outcome> {
    forgetTimer()
    const mine: Promise<Outcome> = attempt().then(outcome => {
      if (underWay !== mine) return underWay ?? outcome
      underWay = undefined
      arrivedAtMs = now()
      arrived(outcome)
      if (isMissing()) tryLater()
      return outcome
    })
    underWay = mine
    return mine
  }

  function tryLater(): void {
    forgetTimer()
    if (hiddenAtMs !== undefined || !hasNetwork) return
    const timer = setTimeout(() => void tryNow(), backoff.nextMs())
    forgetTimer = () => clearTimeout(timer)
  }

  /** The connection that is open or being opened cannot be trusted. */
  function startOver(): void {
    const isWanted = underWay !== undefined
    drop()
    wentOffline()
    backoff.reset()
    if (isWanted || isMissing()) void tryNow()
  }

  return {
    get underWay() {
      return underWay
    },
    tryNow,
    lost() {
      if (!underWay && now() - arrivedAtMs > steadyMs) backoff.reset()
      wentOffline()
      if (isMissing() && !underWay) tryLater()
    },
    stop() {
      forgetTimer()
      underWay = undefined
      drop()
    },
    hidden() {
      hiddenAtMs = now()
      forgetTimer()
    },
    shown() {
      const awayMs = hiddenAtMs === undefined ? 0 : now() - hiddenAtMs
      hiddenAtMs = undefined
      if (awayMs > trustedAwayMs) startOver()
      else if (isMissing() && !underWay) startOver()
    },
    networkChanged(isConnected) {
      hasNetwork = isConnected
      if (isConnected && hiddenAtMs === undefined) startOver()
      else if (!isConnected) {
        forgetTimer()
        drop()
        wentOffline()
      }
    },
  }
}
