import { expect, test } from 'vitest'
import { createOrders } from '../../../../src/bus/create-orders.ts'
import { localBus } from '../../../../src/bus/local-bus.ts'
import { createEvents } from '../../../../src/domain/events.ts'
import { type BlockableNetwork, parseBlockable } from '../../../../src/network/blockable-network.ts'
import { createAddressBlocks, maxBlocks } from '../../../../src/ops/requests/address-blocks.ts'

function setUp(now: () => number) {
  const orders = createOrders(createEvents(), localBus)
  const blocks = createAddressBlocks(orders, now)
  return {
    ...blocks,
    block: (text: string, minutes: number) =>
      void orders.give('address-blocked', { ...network(text), untilMs: now() + minutes * 60_000 }),
    unblock: (text: string) => void orders.give('address-unblocked', network(text)),
  }
}

function network(text: string): BlockableNetwork {
  const parsed = parseBlockable(text)
  if (!parsed) throw new Error(`${text} cannot be blocked`)
  return parsed
}

test('no more than a thousand addresses are kept; those whose time has passed make room', () => {
  let nowMs = 0
  const blocks = setUp(() => nowMs)
  for (let i = 0; i < maxBlocks; i++) blocks.block(`10.0.${i >> 8}.${i & 255}`, 1)
  expect([blocks.isFullFor('192.0.2.1'), blocks.isFullFor('10.0.0.0')]).toEqual([true, false])
  blocks.block('10.0.0.0', 2)
  nowMs = 60_000
  expect(blocks.isFullFor('192.0.2.1')).toBe(false)
  blocks.block('192.0.2.1', 1)
  expect(blocks.all().map(({ network }) => network)).toEqual(['10.0.0.0', '192.0.2.1'])
})

test('of an IPv6 address the whole /64 is meant', () => {
  const blocks = setUp(() => 0)
  blocks.block('2001:db8:1:2::5', 1)
  expect([blocks.refuses('2001:db8:1:2:ffff::1'), blocks.refuses('2001:db8:1:3::5')]).toEqual([true, false])
  expect(blocks.all()[0]?.refused).toBe(1)
})

test.each([
  ['2001:db8:7::/48', ['2001:db8:7::1', '2001:db8:7:ffff::1'], ['2001:db8:8::1', '192.0.2.1']],
  ['2001:db8:7:100::/56', ['2001:db8:7:1ff::1'], ['2001:db8:7:200::1']],
  ['2001:db8:7:1234::/63', ['2001:db8:7:1235::1'], ['2001:db8:7:1236::1']],
  ['203.0.113.9/24', ['203.0.113.0', '203.0.113.255', '::ffff:203.0.113.7'], ['203.0.114.0', '2001:db8::1']],
  ['203.0.113.130/25', ['203.0.113.128'], ['203.0.113.127']],
  ['203.0.113.4/32', ['203.0.113.4'], ['203.0.113.5']],
])(
  'of the network %s everybody is refused and counted, and nobody beyond it, until it is unblocked',
  (text, within, beyond) => {
    const blocks = setUp(() => 0)
    blocks.block('198.51.100.1', 1)
    blocks.block('2001:db8:ffff::1', 1)
    blocks.block(text, 1)
    for (const address of within) expect([address, blocks.refuses(address)]).toEqual([address, true])
    for (const address of beyond) expect([address, blocks.refuses(address)]).toEqual([address, false])
    expect(blocks.all().find(block => block.network === network(text).network)?.refused).toBe(within.length)
    expect(blocks.isBlocked(network(text).network)).toBe(true)
    blocks.unblock(text)
    expect(blocks.isBlocked(network(text).network)).toBe(false)
    for (const address of within) expect([address, blocks.refuses(address)]).toEqual([address, false])
    expect(blocks.refuses('198.51.100.1')).toBe(true)
  },
)

test.each([
  '10.0.0.0/8',
  '203.0.113.0/23',
  '203.0.113.0/33',
  '2001:db8::/32',
  '2001:db8::/47',
  '2001:db8::/65',
  'x',
  '',
])('%j cannot be blocked', text => {
  expect(parseBlockable(text)).toBeUndefined()
})

test('a socket is looked up once for each length that is blocked, however many networks are', () => {
  const blocks = setUp(() => 0)
  const blockSome = (count: number) => {
    for (let i = 0; i < count; i++) blocks.block(`2001:db8:${i.toString(16)}:${i % 2 ? '1::/64' : '0::/48'}`, 60)
  }
  const cost = () => {
    const startedAt = performance.now()
    for (let i = 0; i < 50_000; i++) blocks.refuses('2001:db8:ffff:7::9')
    return performance.now() - startedAt
  }
  blockSome(2)
  cost()
  const few = Math.min(cost(), cost(), cost())
  blockSome(maxBlocks)
  expect(Math.min(cost(), cost(), cost())).toBeLessThan(few * 5)
})
