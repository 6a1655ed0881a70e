/** The load per minute, averaged over the last 1, 5 and 15 minutes as Mosquitto does. */
export interface LoadAverages {
  /** Notes the total so far, `elapsedMs` after the previous note. */
  note(total: number, elapsedMs: number): void
  /** By window: `1min`, `5min`, `15min`. */
  entries(): (readonly [window: string, perMinute: number])[]
}

const minuteMs = 60_000

/** Begins at zero. */
export function createLoadAverages(): LoadAverages {
  const averages = [1, 5, 15].map(minutes => ({ minutes, perMinute: 0 }))
  let before = 0
  return {
    note(total, elapsedMs) {
      if (elapsedMs <= 0) return
      const latest = ((total - before) * minuteMs) / elapsedMs
      before = total
      for (const average of averages) {
        const weightOfThePast = Math.exp(-elapsedMs / (average.minutes * minuteMs))
        average.perMinute = latest + weightOfThePast * (average.perMinute - latest)
      }
    },
    entries: () => averages.map(({ minutes, perMinute }) => [`${minutes}min`, perMinute] as const),
  }
}
