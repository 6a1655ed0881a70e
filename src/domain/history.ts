/** The value of a device's property at a moment. A boolean is 0 or 1. */
export interface Sample {
  readonly deviceId: string
  readonly property: string
  readonly atMs: number
  readonly value: number
}

/** A query: buckets of `bucketMs` from `fromMs` on, the last one cut off at `toMs`. All whole milliseconds, `fromMs` < `toMs`. */
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

/** A query about a counter: how much it rose from each edge to the next. Whole milliseconds, ascending. */
export interface RiseQuestion {
  readonly deviceId: string
  readonly property: string
  readonly edgesMs: readonly number[]
}

/** The samples of one day (UTC) taken together; `rise` is how much a counter rose. */
export interface HistoryDay {
  readonly property: string
  readonly dayMs: number
  readonly min: number
  readonly max: number
  readonly avg: number
  readonly rise: number
}

/**
 * How much of a device's history may stay: no sample older than `beforeMs`, at most the newest `maxRows`, and no hour or day older than `aggregatesBeforeMs`.
 */
export interface HistoryBounds {
  readonly beforeMs: number
  readonly aggregatesBeforeMs: number
  readonly maxRows: number
}

/**
 * Samples, kept per device and property. Implemented by src/store. Every method may reject with a fault of the database.
 */
export interface HistoryStore {
  /** Writes all of them in one transaction. Skips devices that no longer exist, and samples from before a device was released. */
  record(samples: readonly Sample[]): Promise<void>
  /**
   * Buckets that hold samples, in order, and the last value before the first of them. Exact where samples exist; where they were deleted, an hour belongs
   * to the bucket in which it begins.
   */
  read(question: HistoryQuestion): Promise<{ readonly before?: number; readonly buckets: HistoryBucket[] }>
  /** One number less than edges, none below zero; exact in the same way. What a counter rose between two samples belongs to the later one. */
  rises(question: RiseQuestion): Promise<number[]>
  /** The days of a device after that of `after`, ordered by property and time, at most `atMost` of them. */
  days(
    deviceId: string,
    after: { readonly property: string; readonly dayMs: number },
    atMost: number,
  ): Promise<HistoryDay[]>
  /** Devices that have history: at most `atMost`, ordered by id, after `afterId`. */
  recordedDevices(afterId: string, atMost: number): Promise<string[]>
  /**
   * Deletes what is out of bounds, the oldest first, about `atMost` rows at most in one transaction. Before that it adds what an earlier version kept to
   * hours and days, in portions of the same size. True when there may be more.
   */
  prune(deviceId: string, bounds: HistoryBounds, atMost: number): Promise<boolean>
  /** Deletes in the same way what released devices have left, which nobody can query any more. */
  pruneReleased(atMost: number): Promise<boolean>
}
