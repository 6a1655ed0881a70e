const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const isUnit = (text: string): text is keyof typeof unitMs => Object.hasOwn(unitMs, text)

/** Reads a moment as people write it: `90m`, `24h` or `7d` ago, or an ISO date or time. In milliseconds since 1970; undefined for anything else. */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? []
  if (count !== undefined && isUnit(unit)) return nowMs - Number(count) * unitMs[unit]
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined
  const moment = Date.parse(text)
  return Number.isNaN(moment) || moment < 0 ? undefined : moment
}
