/** The ends of a scale, and the values that are marked on it, from least to most. */
export interface Axis {
  readonly bottom: number
  readonly top: number
  readonly marks: readonly number[]
  /** How many decimals tell two marks apart. */
  readonly decimals: number
}

/** The range that a device type allows: no scale goes beyond it. */
export interface Bounds {
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
}

const roundSteps = [1, 2, 5, 10]
const wantedMarks = 3

/** A scale with room for everything from `least` to `most`. It begins, ends and is marked at round numbers. */
export function axisOf(least: number, most: number, { minimum = -Infinity, maximum = Infinity }: Bounds = {}): Axis {
  const span = most - least || Math.abs(most) * 0.1 || 1
  const rough = span / wantedMarks
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * (roundSteps.find(each => each * power >= rough) ?? 10)
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const isFlat = most === least
  const at = (count: number) => Number((count * step).toFixed(decimals))
  const first = Math.floor((isFlat ? least - step / 2 : least) / step + 1e-9)
  const last = Math.ceil((isFlat ? most + step / 2 : most) / step - 1e-9)
  const bottom = Math.max(at(first), minimum)
  const top = Math.min(at(last), maximum)
  const marks = Array.from({ length: last - first + 1 }, (_, index) => at(first + index))
  return { bottom, top, marks: marks.filter(mark => mark >= bottom && mark <= top), decimals }
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const dayMs = 24 * hourMs

/** Times that are marked between two, in the phone's time zone: full quarters of an hour, of a day, midnights some days apart, or the beginnings of every third month. */
export function timeMarks(fromMs: number, toMs: number): number[] {
  const span = toMs - fromMs
  if (span > 60 * dayMs) return monthMarks(fromMs, toMs)
  const days = span > 10 * dayMs ? 7 : 2
  const stepMs = span <= 2 * hourMs ? 15 * minuteMs : span <= 2 * dayMs ? 6 * hourMs : days * dayMs
  const midnight = new Date(fromMs)
  midnight.setHours(0, 0, 0, 0)
  const marks: number[] = []
  for (let count = 0; ; count++) {
    const at = new Date(midnight)
    // By the calendar, not by adding: the day on which summer time begins has 23 hours.
    if (stepMs >= 2 * dayMs) at.setDate(at.getDate() + days * count)
    else at.setMinutes((count * stepMs) / minuteMs)
    if (at.getTime() > toMs) return marks
    if (at.getTime() >= fromMs) marks.push(at.getTime())
  }
}

function monthMarks(fromMs: number, toMs: number): number[] {
  const first = new Date(fromMs)
  const marks: number[] = []
  for (let months = first.getMonth() - (first.getMonth() % 3); ; months += 3) {
    const atMs = new Date(first.getFullYear(), months, 1).getTime()
    if (atMs > toMs) return marks
    if (atMs >= fromMs) marks.push(atMs)
  }
}
