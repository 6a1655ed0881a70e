import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isInNetwork, parseBlockable } from '../../../src/network/blockable-network.ts'
import { networkOf, networksOf } from '../../../src/network/counted-networks.ts'
import { addressOf, isLoopback } from '../../../src/network/ip-address.ts'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8:0:0::9', '2001:db8:0:0::/64'],
  ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'],
  ['::FFFF:C000:0201', '192.0.2.1'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['1::2::3', '1::2::3'],
  ['not an address', 'not an address'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it('an address of IPv6 is counted in its /64, its /56 and its /48', () => {
  expect(networksOf('2001:db8:1:23ff::9')).toEqual([
    { network: '2001:db8:1:23ff::/64', share: 1 },
    { network: '2001:db8:1:2300::/56', share: 4 },
    { network: '2001:db8:1:0::/48', share: 16 },
  ])
  expect(networksOf('192.0.2.1')).toEqual([{ network: '192.0.2.1', share: 1 }])
})

const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })

it('an IPv6 address is one value, however it is written', () => {
  fc.assert(
    fc.property(groups, fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), (values, from, length) => {
      const zeroed = values.map((value, i) => (i >= from && i < from + length ? 0 : value))
      const long = zeroed.map(value => value.toString(16).padStart(4, '0')).join(':')
      const short = new SocketAddress({ address: long, family: 'ipv6' }).address
      for (const written of [short, long.toUpperCase(), `${short}%eth0`])
        expect([written, addressOf(written)]).toEqual([written, addressOf(long)])
      expect(networkOf(short)).toBe(networkOf(long))
    }),
  )
})

it('two addresses that are not one have two values', () => {
  fc.assert(
    fc.property(groups, groups, (a, b) => {
      const [one, other] = [a, b].map(values => values.map(value => value.toString(16)).join(':'))
      return addressOf(one ?? '') !== addressOf(other ?? '') || `${a}` === `${b}`
    }),
  )
})

it.each(['127.0.0.1', '127.8.9.1', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  '%s is this machine',
  address => {
    expect(isLoopback(address)).toBe(true)
  },
)
it.each(['128.0.0.1', '::2', '::', '1::1', '::ffff:10.0.0.1', 'localhost', ''])('%s is not known to be', address => {
  expect(isLoopback(address)).toBe(false)
})

it('an address lies in a network when a block of it would name it so', () => {
  const quads = fc.ipV4()
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV6(), quads),
      fc.oneof(fc.ipV6(), quads),
      fc.integer({ min: 24, max: 64 }),
      (one, other, bits) => {
        const parsed = parseBlockable(`${one}/${bits}`)
        fc.pre(parsed !== undefined)
        const { network } = parsed
        const name = parseBlockable(`${addressOf(other)}/${bits}`)?.network
        const isIn = isInNetwork(network)
        expect([isIn(networkOf(one)), isIn(networkOf(other))]).toEqual([true, name === network])
      },
    ),
  )
})
