import { expect, test } from 'vitest'
import { createAddressBlocks, mostBlocks } from '../../../src/ops/address-blocks.ts'

test('no more than a thousand addresses are kept; those whose time has passed make room', () => {
  let nowMs = 0
  const blocks = createAddressBlocks(() => nowMs)
  for (let i = 0; i < mostBlocks; i++) blocks.block(`10.0.${i >> 8}.${i & 255}`, 1)
  expect(blocks.block('192.0.2.1', 1)).toBe('full')
  expect(blocks.block('10.0.0.0', 2)).toBe(120_000)
  nowMs = 60_000
  expect(blocks.block('192.0.2.1', 1)).toBe(120_000)
  expect(blocks.all().map(({ network }) => network)).toEqual(['10.0.0.0', '192.0.2.1'])
})

test('of an IPv6 address the whole /64 is meant', () => {
  const blocks = createAddressBlocks(() => 0)
  blocks.block('2001:db8:1:2::5', 1)
  expect([blocks.refuses('2001:db8:1:2:ffff::1'), blocks.refuses('2001:db8:1:3::5')]).toEqual([true, false])
  expect(blocks.all()[0]?.refused).toBe(1)
})
