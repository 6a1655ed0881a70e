import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTrustedProxies } from '../../../src/front/trusted-proxies.ts'

const { trusts, clientOf } = createTrustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8', '2001:db8::7'])

test.each(['127.0.0.1', '::ffff:127.0.0.1', '10.255.1.2', 'fd12::1', 'fd12::1%eth0', '2001:0db8:0::7'])(
  '%s is trusted',
  address => expect(trusts(address)).toBe(true),
)

test.each(['127.0.0.2', '11.0.0.1', 'fe80::1', '2001:db8::8', 'unknown', ''])('%s is not trusted', address =>
  expect(trusts(address)).toBe(false),
)

test.each([
  ['nothing is said', '127.0.0.1', undefined, '127.0.0.1'],
  ['one proxy', '127.0.0.1', '192.0.2.1', '192.0.2.1'],
  ['two proxies', '127.0.0.1', '192.0.2.1, 10.1.1.1', '192.0.2.1'],
  ['what a client says itself stands to the left', '127.0.0.1', '203.0.113.9, 192.0.2.1', '192.0.2.1'],
  ['a client that claims to be a proxy', '127.0.0.1', '10.0.0.1, 192.0.2.1', '192.0.2.1'],
  ['all are proxies', '127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['a stranger is not believed', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['with its port', '127.0.0.1', '192.0.2.1:4711', '192.0.2.1'],
  ['IPv6 with its port', '127.0.0.1', '[2001:db8::5]:4711', '2001:db8:0:0:0:0:0:5'],
  ['no address', '127.0.0.1', 'unknown', '127.0.0.1'],
  ['no address before one', '127.0.0.1', 'nonsense, 10.0.0.1', '10.0.0.1'],
  ['empty', '127.0.0.1', '', '127.0.0.1'],
])('whose request it is: %s', (_, peer, said, client) => {
  expect(clientOf(peer, said)).toBe(client)
})

test('whatever a client puts in front, the address is the one that the trusted proxy says', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())), fc.ipV4(), (made, client) => {
      fc.pre(!trusts(client))
      expect(clientOf('10.0.0.1', [...made, client].join(','))).toBe(client)
    }),
  )
})

test('without a list nobody is trusted', () => {
  expect(createTrustedProxies([]).clientOf('127.0.0.1', '192.0.2.1')).toBe('127.0.0.1')
})

test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0', 'example.com', '::/129', '::ffff:10.0.0.0/104', '10.0.0.0/8/8'])(
  '%s is no network',
  network => expect(() => createTrustedProxies([network])).toThrow('neither an address nor a network'),
)
