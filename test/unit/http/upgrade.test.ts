import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { createUpgrade } from '../../../src/http/upgrade/upgrade.ts'

/** Takes what is written to it, and never gets rid of it: whose peer reads nothing. */
class FullSocket extends Socket {
  override _write(): void {}
  override _final(): void {}
}

test('a refused WebSocket whose peer does not read the refusal is closed in time', async () => {
  const socket = new FullSocket()
  const upgrade = createUpgrade({
    acceptWebSocket: () => {},
    connectionOf: () => ({
      address: '127.0.0.1',
      socket,
      isAnswering: () => false,
      hasBegunAnswer: () => false,
      release: () => Buffer.alloc(0),
      restart: () => {},
    }),
    gate: { mayNotAsk: () => undefined, mayNotTakeOver: () => undefined },
    clientOf: () => '127.0.0.1',
    origins: [],
    maxFrameBytes: 1024,
    isAccepting: () => true,
    silenceMs: 50,
  })
  const request = new IncomingMessage(socket)
  request.method = 'GET'
  request.url = '/mqtt'
  request.headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '99', // which is refused when the socket is let go of
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': 'mqtt',
  }
  const closed = once(socket, 'close')
  upgrade(request, new PassThrough(), Buffer.alloc(0))
  await closed
  expect(socket.destroyed).toBe(true)
})
