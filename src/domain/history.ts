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

/** What is asked of a counter: how much it went on from each edge to the next. Whole milliseconds, rising. */
export interface RiseQuestion {
  readonly deviceId: string
  readonly property: string
  readonly edgesMs: readonly number[]
}

/** What the samples of one day of UTC come to; `rise` is by how much a counter went on. */
export interface HistoryDay {
  readonly property: string
  readonly dayMs: number
  readonly min: number
  readonly max: number
  readonly avg: number
  readonly rise: number
}

/** What may stay of a device: no sample older than `beforeMs`, the newest `maxRows` of them, and no hour and no day older than `aggregatesBeforeMs`. */
export interface HistoryBounds {
  readonly beforeMs: number
  readonly aggregatesBeforeMs: number
  readonly maxRows: number
}

/**
 * Samples, kept per device and property. Implemented by src/store. Every method may reject with a fault of the database.
 */
export interface HistoryStore {
  /** Writes all of them in one transaction. Passes over devices that no longer exist, and samples from before a device was released. */
  record(samples: readonly Sample[]): Promise<void>
  /**
   * Buckets that hold samples, in order, and the last value before the first of them. Exact as far as there are samples; of what was deleted an hour belongs to the bucket in
   * which it begins.
   */
  read(question: HistoryQuestion): Promise<{ readonly before?: number; readonly buckets: HistoryBucket[] }>
  /** One number less than edges, none below zero. Exact in the same way. What a counter went on between two samples belongs to the later one. */
  rises(question: RiseQuestion): Promise<number[]>
  /** The days of a device behind that of `after`, by property and time, at most `atMost` of them. */
  days(
    deviceId: string,
    after: { readonly property: string; readonly dayMs: number },
    atMost: number,
  ): Promise<HistoryDay[]>
  /** Devices that have history: at most `atMost` of them, by id, from behind `afterId` on. */
  recordedDevices(afterId: string, atMost: number): Promise<string[]>
  /**
   * Deletes what is out of bounds, the oldest first, at most about `atMost` rows in one transaction; before that it brings what an earlier version kept into hours and days, as
   * much at a time. True when there may be more.
   */
  prune(deviceId: string, bounds: HistoryBounds, atMost: number): Promise<boolean>
  /** Deletes what released devices left behind, which nobody can ask for any more, in the same way. */
  pruneReleased(atMost: number): Promise<boolean>
}
