import { expect, test } from 'vitest'
import { connectPacket, publishPacket } from '../../support/packets.ts'
import { openTcp, packetsOf } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

test('a client that only sends messages is alive, and one that says nothing for 1.5 times its keep alive is closed', async () => {
  await using running = await startBroker()
  let reason: string | undefined
  running.events.on('session-closed', closed => {
    reason = closed.reason
  })
  const raw = await openTcp(running.port)
  const received = packetsOf(raw)
  raw.send(connectPacket('busy', true, 'x', 1))
  await expect.poll(() => received.length).toBe(1)
  for (const startedAt = Date.now(); Date.now() - startedAt < 2000; ) {
    raw.send(publishPacket('devices/d1/set', '{}'))
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  expect(reason).toBeUndefined()
  await raw.closed
  expect(reason).toBe('keep-alive-timeout')
})
