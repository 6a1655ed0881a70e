import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How much later than asked for timers came, in seconds. */
export interface Delay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Samples the event loop. */
export interface EventLoopDelay {
  /** Of the last whole window; before the first has ended, of what there is. The same for all who ask. */
  latest(): Delay
  close(): void
}

const resolutionMs = 10
const windowMs = 10_000

/** Begins sampling, in windows of ten seconds. */
export function openEventLoopDelay(): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  let whole: Delay | undefined
  const read = (): Delay => ({
    p50: secondsLate(histogram.percentile(50)),
    p99: secondsLate(histogram.percentile(99)),
    max: secondsLate(histogram.max),
  })
  const windows = setInterval(() => {
    whole = read()
    histogram.reset()
  }, windowMs).unref()
  return {
    latest: () => whole ?? read(),
    close() {
      clearInterval(windows)
      histogram.disable()
    },
  }
}

/** Node's samples are from timer to timer: the resolution is among them. */
const secondsLate = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs) / 1000
