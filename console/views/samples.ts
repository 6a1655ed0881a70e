import type { DataOf } from '../../src/protocol/operations.ts'

/** The broker's counts at one moment. */
export type MetricsSample = DataOf<'ops/metrics'>

/** A line of a chart. */
export interface Line {
  readonly label: string
  /** One value for each time; null where nothing is known. */
  readonly values: readonly (number | null)[]
}

/** How many samples are kept: half an hour, at one every two seconds. */
const maxSamples = 900
const minuteMs = 60_000
const leastSpanSeconds = 60

/** `samples` with one more, without those that are too old. They begin again when the broker was restarted, because its counts do. */
export const withSample = (samples: readonly MetricsSample[], sample: MetricsSample): readonly MetricsSample[] =>
  samples.at(-1)?.startedAt === sample.startedAt ? [...samples.slice(1 - maxSamples), sample] : [sample]

/** Seconds since 1970, as charts take them. */
export const timesOf = (samples: readonly MetricsSample[]): number[] => samples.map(({ at }) => at / 1000)

/** The range of a chart of these times: at least a minute, for a single moment has no width. */
export const spanOf = (times: ArrayLike<number>): [first: number, last: number] => {
  const first = times[0] ?? 0
  return [first, Math.max(times[times.length - 1] ?? 0, first + leastSpanSeconds)]
}

/** A line of one value of each sample. */
export const level = (
  label: string,
  samples: readonly MetricsSample[],
  of: (sample: MetricsSample) => number,
): Line => ({
  label,
  values: samples.map(of),
})

/** A line of how fast a count grows, per second; null where there is no sample before. */
export const rate = (
  label: string,
  samples: readonly MetricsSample[],
  of: (sample: MetricsSample) => number,
): Line => ({
  label,
  values: samples.map((sample, index) => {
    const before = samples[index - 1]
    if (!before || sample.at <= before.at) return null
    return ((of(sample) - of(before)) * 1000) / (sample.at - before.at)
  }),
})

/**
 * One line for every name that was counted in the last minute of some sample: how much in that minute. `counts` gives a sample's counts by name,
 * which are since the start; a name that is not there yet is 0.
 */
export function perMinute(
  samples: readonly MetricsSample[],
  counts: (sample: MetricsSample) => ReadonlyMap<string, number>,
): readonly Line[] {
  const each = samples.map(counts)
  const names = [...new Set(each.flatMap(known => [...known.keys()]))].sort()
  let from = 0
  const starts = samples.map(({ at }) => {
    while ((samples[from]?.at ?? at) < at - minuteMs) from++
    return from
  })
  return names
    .map(name => ({
      label: name,
      values: each.map((known, index) => (known.get(name) ?? 0) - (each[starts[index] ?? 0]?.get(name) ?? 0)),
    }))
    .filter(({ values }) => values.some(value => value > 0))
}

/** Sign-ins by reply code. */
export function signInsByCode({ requests }: MetricsSample): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { operation, code, count } of requests) {
    if (!['auth/login', 'auth/bind', 'auth/register', 'auth/signin'].includes(operation)) continue
    found.set(String(code), (found.get(String(code)) ?? 0) + count)
  }
  return found
}

/** Refusals by rule of the policy. */
export const refusalsByRule = ({ refusals }: MetricsSample): ReadonlyMap<string, number> =>
  new Map(refusals.map(({ rule, count }) => [rule, count]))
