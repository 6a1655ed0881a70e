import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { connectGuest } from '../../support/mqtt-client.ts'
import { startProcess } from '../../support/processes/latchkey-process.ts'
import { writeFiles } from '../../support/write-files.ts'

test('with too few descriptors the process says so at the start, goes on when none is left, and accepts connections again when some are free', async () => {
  await using files = await writeFiles({ 'local.json': JSON.stringify({ mqtt: { sysIntervalSeconds: 1 } }) })
  await using latchkey = await startProcess(['start'], { env: { NODE_CONFIG_DIR: files.folder }, descriptors: 90 })
  expect(await latchkey.line('few-descriptors')).toMatchObject({ level: 'warn', count: 90 })
  const { ports } = await latchkey.line('ready')
  const open = [ports.mqtt, ports.http].flatMap(port =>
    Array.from({ length: 60 }, () =>
      connect({ port, host: '127.0.0.1' })
        .on('error', () => {})
        .resume(),
    ),
  )
  // Every timer of the process has come round meanwhile: figures are told each second, connections say nothing for five.
  for (const socket of open) if (!socket.closed) await once(socket, 'close')
  await using guest = await connectGuest(`ws://127.0.0.1:${ports.http}/mqtt`)
  expect((await guest.request('account/me')).code).toBe(4003)
})
