import { EventEmitter, once } from 'node:events'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createOpenSockets } from '../../../src/front/open-sockets.ts'

async function closedOf(addresses: readonly string[], network: string): Promise<string[]> {
  const open = createOpenSockets()
  const closed: string[] = []
  const ended = new EventEmitter()
  for (const address of addresses) {
    const socket = new Socket().once('close', () => {
      closed.push(address)
      ended.emit('one')
    })
    open.add(socket, address)
  }
  const last = new Socket()
  open.add(last, 'fd00::1')
  open.closeFrom(network)
  open.closeFrom('fd00:0:0:0::/64') // closed in a turn after those of the network, when they are few
  await once(last, 'close')
  return closed
}

test.each([
  ['2001:db8:1:2::/64', ['2001:db8:1:2::5', '2001:db8:1:2::6']],
  ['2001:db8:1:0::/48', ['2001:db8:1:2::5', '2001:db8:1:2::6', '2001:db8:1:ffff::1']],
  ['203.0.113.4', ['203.0.113.4']],
  ['203.0.113.0/24', ['203.0.113.4', '203.0.113.250', '::ffff:203.0.113.5']],
  ['198.51.100.0/24', []],
])('of the network %s every connection is closed, and no other', async (network, expected) => {
  const addresses = ['2001:db8:1:2::5', '2001:db8:1:2::6', '2001:db8:1:ffff::1', '2001:db8:2::1', '192.0.2.1']
  const all = [...addresses, '203.0.113.4', '203.0.113.250', '::ffff:203.0.113.5', '203.0.114.4']
  expect(await closedOf(all, network)).toEqual(expected)
})
