import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SendWindow } from '../../../src/broker/router/send-window.ts'

test('what is reserved takes room as what is sent does, and gives it back', () => {
  const window = new SendWindow()
  for (let n = 0; n < 99; n++) window.reserve(1)
  expect(window.room).toBe(1)
  window.hold(7, { seq: 6, bytes: 200_000 })
  expect(window.room).toBe(0)
  window.release(7)
  for (let n = 0; n < 99; n++) window.unreserve(1)
  expect([window.room, window.roomBytes]).toEqual([100, 128 * 1024])
})

test('however messages are sent and acknowledged, no id is in use twice, and the bounds hold', () => {
  const acts = fc.array(fc.oneof(fc.constant('take'), fc.nat(200)), { maxLength: 500 })
  fc.assert(
    fc.property(acts, fc.integer({ min: 1, max: 50_000 }), (all, bytes) => {
      const window = new SendWindow()
      const used = new Set<number>()
      const sent: number[] = []
      for (const act of all) {
        if (act === 'take') {
          if (window.room === 0) continue
          const id = window.take({ bytes })
          expect(used.has(id)).toBe(false)
          used.add(id)
          sent.push(id)
        } else {
          const [id] = sent.splice(act % (sent.length || 1), 1)
          if (id === undefined) continue
          expect(window.release(id)).toBe(true)
          used.delete(id)
        }
        expect(sent.length).toBeLessThanOrEqual(100)
        expect(sent.length * bytes).toBeLessThan(128 * 1024 + bytes)
      }
    }),
  )
})

test('ids begin again after the last, and pass over those in use', () => {
  const window = new SendWindow()
  expect(window.take({ bytes: 0 })).toBe(1)
  for (let i = 2; i <= 65_535; i++) window.release(window.take({ bytes: 0 }))
  expect(window.take({ bytes: 0 })).toBe(2)
})

test('one message may be sent whatever its size, and the next when it is acknowledged', () => {
  const window = new SendWindow()
  const id = window.take({ bytes: 1e6 })
  expect(window.room).toBe(0)
  window.release(id)
  expect(window.room).toBe(100)
})
