import { expect, test } from 'vitest'
import { createEvents } from '../../../src/domain/events.ts'
import { createConnectionLimits } from '../../../src/front/connection-limits.ts'

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
