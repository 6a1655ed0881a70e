import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SendWindow } from '../../../src/broker/router/send-window.ts'

test('an id that an earlier connection has used is not given until it is acknowledged, nor one of its own', () => {
  const window = new SendWindow()
  window.resume(
    new Map([
      [1, 11],
      [3, 13],
    ]),
  )
  expect([window.take({ bytes: 1 }), window.take({ bytes: 1 })]).toEqual([2, 4])
  expect([window.seqOf(1), window.seqOf(2), window.seqOf(3)]).toEqual([11, undefined, 13])
  window.hold(3, { seq: 13, bytes: 1 })
  expect(window.take({ bytes: 1 })).toBe(5)
})

test('however messages are sent and acknowledged, no id is in use twice, and the bounds hold', () => {
  const acts = fc.array(fc.oneof(fc.constant('take'), fc.nat(200)), { maxLength: 500 })
  const earlier = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 50 })
  fc.assert(
    fc.property(earlier, acts, fc.integer({ min: 1, max: 50_000 }), (before, all, bytes) => {
      const window = new SendWindow()
      window.resume(new Map(before.map(id => [id, id])))
      const used = new Set(before)
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
