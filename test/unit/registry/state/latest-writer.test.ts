import { expect, test } from 'vitest'
import { createLatestWriter } from '../../../../src/registry/state/latest-writer.ts'

function setUp() {
  const written: string[] = []
  const failed: unknown[] = []
  const timers: (() => void)[] = []
  const control = { isLocked: true }
  const writer = createLatestWriter<string>({
    async write(key, value) {
      if (control.isLocked) throw new Error(`locked: ${value}`)
      written.push(`${key}=${value}`)
    },
    failed: cause => failed.push(cause),
    scheduler: {
      after(_delayMs, run) {
        timers.push(run)
        return () => {}
      },
    },
  })
  /** A second passes. */
  const turn = async () => {
    for (const run of timers.splice(0)) run()
    await writer.settled()
  }
  return { writer, written, failed, timers, control, turn }
}

test('what could not be written is tried again every second until it is, and told of once', async () => {
  const { writer, written, failed, timers, control, turn } = setUp()
  await Promise.all([writer.put('a', '1'), writer.put('b', '1')])
  await turn()
  expect([written, failed.length, timers.length]).toEqual([[], 1, 1])
  control.isLocked = false
  await turn()
  expect([written, timers.length]).toEqual([['a=1', 'b=1'], 0])
  control.isLocked = true
  await writer.put('a', '2')
  expect(failed).toHaveLength(2)
})

test('a value that could not be written does not come behind a later one', async () => {
  const { writer, written, control, turn } = setUp()
  await writer.put('a', '1')
  control.isLocked = false
  await writer.put('a', '2')
  await turn()
  expect(written).toEqual(['a=2'])
  control.isLocked = true
  const first = writer.put('a', '3')
  control.isLocked = false
  await Promise.all([first, writer.put('a', '4')])
  await turn()
  expect(written.at(-1)).toBe('a=4')
})
