import { expect, test } from 'vitest'
import { parseMoment } from '../../../../src/cli/input/parse-moment.ts'

const nowMs = Date.parse('2026-02-01T00:00:00Z')

test.each([
  ['90s', nowMs - 90_000],
  ['30m', nowMs - 1_800_000],
  ['24h', nowMs - 86_400_000],
  ['7d', nowMs - 604_800_000],
  ['1w', nowMs - 604_800_000],
  ['2026-01-31', Date.parse('2026-01-31')],
  ['2026-01-31T12:00Z', Date.parse('2026-01-31T12:00Z')],
  ['2026-01-31T12:00:00.5+08:00', Date.parse('2026-01-31T12:00:00.5+08:00')],
])('%s is a moment', (text, expected) => {
  expect(parseMoment(text, nowMs)).toBe(expected)
})

test.each(['', 'yesterday', '7', '7y', '-1d', '2026-13-01', '2026-01-32T99:00Z', '1e3d', '7 d', '1969-01-01'])(
  '%j is none',
  text => {
    expect(parseMoment(text, nowMs)).toBeUndefined()
  },
)
