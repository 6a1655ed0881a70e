import { once } from 'node:events'
import { createServer } from 'node:net'
import { generate, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectOperator } from '../../../src/cli/operator-client.ts'

test('a command that follows the log from afar sends something twice a minute, so that no proxy takes it for gone', async () => {
  const keptAlive: (number | undefined)[] = []
  const server = createServer(socket => {
    const packets = parser()
    packets.on('packet', packet => {
      if (packet.cmd !== 'connect') return
      keptAlive.push(packet.keepalive)
      socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }))
    })
    socket.on('data', bytes => packets.parse(bytes)).on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const client = await connectOperator('logs', `mqtt://127.0.0.1:${port}`, 'token')
  await client.end()
  server.close()
  expect(keptAlive).toEqual([30])
})
