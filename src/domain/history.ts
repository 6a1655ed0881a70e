/** The value of a device's property at a moment. A boolean is 0 or 1. */
export interface Sample {
  readonly deviceId: string
  readonly property: string
  readonly atMs: number
  readonly value: number
}

/** What is asked: buckets of `bucketMs` from `fromMs` on, the last one cut off at `toMs`. All whole milliseconds, `fromMs` < `toMs`. */
export interface HistoryQuestion {
  readonly deviceId: string
  readonly property: string
  readonly fromMs: number
  readonly toMs: number
  readonly bucketMs: number
}

/** The samples of one bucket taken together. */
export interface HistoryBucket {
  readonly startMs: number
  readonly min: number
  readonly max: number
  readonly avg: number
  readonly last: number
}

/** What may stay of a device: nothing older than `beforeMs`, and the newest `maxRows`. */
export interface HistoryBounds {
  readonly beforeMs: number
  readonly maxRows: number
}

/**
 * Samples, kept per device and property. Implemented by src/store. Every method may reject with a fault of the database.
 */
export interface HistoryStore {
  /** Writes all of them in one transaction. Passes over devices that no longer exist, and samples from before a device was released. */
  record(samples: readonly Sample[]): Promise<void>
  /** Buckets that hold samples, in order, and the last value before the first of them. */
  read(question: HistoryQuestion): Promise<{ readonly before?: number; readonly buckets: HistoryBucket[] }>
  /** Devices that have history: at most `atMost` of them, by id, from behind `afterId` on. */
  recordedDevices(afterId: string, atMost: number): Promise<string[]>
  /** Deletes what is out of bounds, the oldest first, at most about `atMost` samples in one transaction. True when there may be more. */
  prune(deviceId: string, bounds: HistoryBounds, atMost: number): Promise<boolean>
  /** Deletes what released devices left behind, which nobody can ask for any more, in the same way. */
  pruneReleased(atMost: number): Promise<boolean>
}
