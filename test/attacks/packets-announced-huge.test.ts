import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { connectRaw, openTcp, openWebSocket } from '../support/raw-client.ts'
import { startApp } from '../support/start-app.ts'
import { registerUser } from '../support/story.ts'

test.each([['tcp'], ['ws']] as const)(
  'over %s a packet announced too long is refused before it is buffered',
  async transport => {
    await using running = await startApp()
    const open = () => (transport === 'tcp' ? openTcp(running.app.ports.mqtt) : openWebSocket(running.app.ports.http))
    const huge = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0x00]) // PUBLISH of 256 MiB, announced
    const early = await open()
    early.send(huge)
    await early.closed

    const { client, token } = await registerUser(running, 'alice')
    const port = transport === 'tcp' ? running.app.ports.mqtt : running.app.ports.http
    const late = await connectRaw(transport, port, { clientId: 'late', username: 'jwt', password: token })
    late.send(
      generate({ cmd: 'publish', topic: 'app/x', payload: Buffer.alloc(200_000), qos: 0, dup: false, retain: false }),
    )
    expect((await client.request('account/me')).code).toBe(0)
    late.send(huge)
    await late.closed
    await client[Symbol.asyncDispose]()
  },
)
