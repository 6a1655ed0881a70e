import { expect, test } from 'vitest'
import { createEvents } from '../../../src/domain/events.ts'
import { createConnectionLimits } from '../../../src/front/connection-limits.ts'
import { ofOne48, ofOne56 } from '../../support/network/subnets.ts'

const limitsFor = (uncountedAddresses: string[]) => {
  const limits = {
    connections: 100,
    connectionsPerAddress: 1,
    connectionsPerSecond: 100,
    httpRequestsPerSecond: 100,
    uncountedAddresses,
  }
  const { enter } = createConnectionLimits({ limits, events: createEvents(), now: () => 0 })
  return (address: string) => enter({ once: () => {} }, address)
}

test.each([
  ['2001:0DB8:0:0::5', '2001:db8::5'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '::ffff:192.0.2.1'],
  ['fe80::1', 'fe80::1%eth0'],
])('who is not counted as %s is not counted as %s', (written, address) => {
  const enter = limitsFor([written])
  expect([enter(address), enter(address), enter(address)]).toEqual([undefined, undefined, undefined])
})

test('one address that is not counted leaves its neighbours counted', () => {
  const enter = limitsFor(['2001:db8::5'])
  expect([enter('2001:db8::6'), enter('2001:db8::7')]).toEqual([undefined, 'too-many-from-address'])
  expect(enter('2001:db8::5')).toBeUndefined()
})

/** Limits that only one is small of, and connections that end together. */
function setUp(small: object) {
  const ample = 1_000_000
  const limits = {
    connections: ample,
    connectionsPerAddress: ample,
    connectionsPerSecond: ample,
    httpRequestsPerSecond: ample,
    uncountedAddresses: [],
    ...small,
  }
  const ends: (() => void)[] = []
  const connection = { once: (_: 'close', end: () => void) => void ends.push(end) }
  const { enter, asks } = createConnectionLimits({ limits, events: createEvents(), now: () => 0 })
  return {
    enter: (address: string) => enter(connection, address),
    asks,
    endAll: () => ends.splice(0).map(end => end()),
  }
}
type Limits = ReturnType<typeof setUp>

test.each([
  ['connectionsPerAddress', ({ enter }: Limits, address: string) => enter(address)],
  ['connectionsPerSecond', ({ enter }: Limits, address: string) => enter(address)],
  ['httpRequestsPerSecond', ({ asks }: Limits, address: string) => asks(address)],
] as const)('who has a /56 is given four times limits.%s, and who has a /48 sixteen times', (limit, act) => {
  const givenTo = (addresses: readonly string[]) => {
    const limits = setUp({ [limit]: 1 })
    return addresses.filter(address => act(limits, address) === undefined).length
  }
  expect([givenTo(ofOne56), givenTo(ofOne48)]).toEqual([4, 16])
})

test('a closed connection does not count any more, in any network', () => {
  const limits = setUp({ connectionsPerAddress: 1 })
  for (let n = 0; n < 3; n++) {
    expect(ofOne48.filter(address => limits.enter(address) === undefined)).toHaveLength(16)
    limits.endAll()
  }
})
