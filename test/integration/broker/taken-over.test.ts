import { expect, test } from 'vitest'
import { connectPacket } from '../../support/packets.ts'
import { connectRaw, openTcp, subscribePacket } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

test('however many clients come with one id at once, none is counted when all have gone', async () => {
  await using running = await startBroker()
  for (let round = 0; round < 10; round++) {
    const first = await connectRaw('tcp', running.port, {
      clientId: 'same',
      username: 'jwt',
      password: 'x',
      clean: false,
    })
    for (let id = 1; id < 9; id++) first.send(subscribePacket(id, `devices/d1/event/${id}`, 1))
    const rivals = await Promise.all(Array.from({ length: 6 }, () => openTcp(running.port)))
    rivals.forEach((rival, index) => {
      rival.send(
        Buffer.concat([
          connectPacket('same', index % 2 === 0),
          subscribePacket(1, 'devices/d1/#', 1),
          subscribePacket(2, 'devices/+/state', 1),
        ]),
      )
    })
    await first.closed
    for (const rival of rivals) rival.close()
    await expect.poll(() => running.sockets.every(socket => socket.destroyed)).toBe(true)
    await expect.poll(() => running.broker.connectedClients()).toBe(0)
  }
})
