import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late timers fired, in seconds. */
export interface Delay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Samples the event loop. */
export interface EventLoopDelay {
  /** The delay in the last complete window, or in the first window so far. The same for every caller. */
  latest(): Delay
  /** Begins sampling. */
  start(): void
  close(): void
}

const resolutionMs = 10
const windowMs = 10_000

/** Samples in windows of ten seconds, once it is started. */
export function createEventLoopDelay(): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  let windows: NodeJS.Timeout | undefined
  let whole: Delay | undefined
  const read = (): Delay => ({
    p50: secondsLate(histogram.percentile(50)),
    p99: secondsLate(histogram.percentile(99)),
    max: secondsLate(histogram.max),
  })
  return {
    latest: () => whole ?? read(),
    start() {
      histogram.enable()
      windows = setInterval(() => {
        whole = read()
        histogram.reset()
      }, windowMs).unref()
    },
    close() {
      clearInterval(windows)
      histogram.disable()
    },
  }
}

/** Node samples from timer to timer, so a sample includes the resolution. */
const secondsLate = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs) / 1000
