import { expect, test } from 'vitest'
import { Incoming } from '../../../src/broker/sessions/incoming.ts'

test('one that comes again while its beginning is being kept is told what becomes of that', () => {
  const incoming = new Incoming()
  const told: boolean[] = []
  const first = incoming.begin(7)
  expect(incoming.begin(7)).toBeUndefined()
  incoming.whenKept(7, isKept => told.push(isKept))
  expect(told).toEqual([])
  first?.(false)
  expect([told, incoming.size]).toEqual([[false], 0])
  incoming.begin(7)?.(true)
  incoming.whenKept(7, isKept => told.push(isKept))
  expect([told, incoming.size]).toEqual([[false, true], 1])
})

test('a message whose release could not be kept counts as begun', () => {
  const incoming = new Incoming()
  incoming.restore(7)
  const first = incoming.release(7)
  expect([incoming.release(7), incoming.begin(7)]).toEqual([undefined, undefined])
  first?.(false)
  expect(incoming.has(7)).toBe(true)
  incoming.release(7)?.(true)
  expect([incoming.has(7), incoming.release(7)]).toEqual([false, undefined])
})

test('a release that comes before the beginning is kept is not undone by it', () => {
  const incoming = new Incoming()
  const begun = incoming.begin(7)
  const released = incoming.release(7)
  begun?.(false)
  expect(incoming.has(7)).toBe(true)
  released?.(true)
  expect(incoming.has(7)).toBe(false)
})
