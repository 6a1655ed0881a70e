import { expect, test } from 'vitest'
import { connectRaw, packetsOf } from '../../support/raw-client.ts'
import { startBroker } from '../../support/start-broker.ts'

const device = { clientId: 'd1', username: 'device', password: 'x' }
const withoutId = {
  PUBREC: Buffer.of(0x50, 0x00),
  PUBREL: Buffer.of(0x62, 0x00),
  'PUBREL of one byte': Buffer.of(0x62, 0x01, 0x00),
}

test.each(Object.entries(withoutId))(
  '%s without a packet id ends its connection and nothing else',
  async (_name, bytes) => {
    await using running = await startBroker()
    const client = await connectRaw('tcp', running.port, device)
    const packets = packetsOf(client)
    client.send(bytes)
    await client.closed
    expect(packets).toEqual([])
    const next = await connectRaw('tcp', running.port, device)
    next.close()
    expect(running.faults).toEqual([])
  },
)
