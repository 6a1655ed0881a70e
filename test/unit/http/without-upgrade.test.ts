import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { asksForWebSocket, withoutUpgrade } from '../../../src/http/upgrade/without-upgrade.ts'

function request(headers: readonly (readonly [name: string, value: string])[]): IncomingMessage {
  const message = new IncomingMessage(new Socket())
  message.method = 'POST'
  message.url = '/a?b=é'
  message.httpVersion = '1.1'
  message.rawHeaders = headers.flat()
  for (const [name, value] of headers) message.headers[name.toLowerCase()] = value
  return message
}

test('what belongs to another protocol is left out, and nothing else', () => {
  const head = withoutUpgrade(
    request([
      ['Host', 'x'],
      ['CONNECTION', 'keep-alive, Upgrade,HTTP2-Settings'],
      ['Upgrade', 'h2c'],
      ['http2-settings', 'AAMA'],
      ['Content-Length', '2'],
      ['X-Name', 'é'],
      ['X-Name', 'again'],
    ]),
  )
  expect(head?.toString('latin1')).toBe(
    'POST /a?b=é HTTP/1.1\r\nHost: x\r\nCONNECTION: keep-alive\r\nContent-Length: 2\r\nX-Name: é\r\nX-Name: again\r\n\r\n',
  )
})

test('a head of which Node may have left something out is not rebuilt', () => {
  const many = (count: number) => request(Array.from({ length: count }, () => ['a', 'b'] as const))
  expect(withoutUpgrade(many(1999))).toBeDefined()
  expect(withoutUpgrade(many(2000))).toBeUndefined()
})

test.each([
  ['websocket', true],
  ['WebSocket', true],
  ['h2c, websocket', true],
  ['h2c', false],
  ['websockets', false],
  ['', false],
])('Upgrade: %s asks for a WebSocket: %s', (upgrade, asks) => {
  expect(asksForWebSocket(request([['Upgrade', upgrade]]))).toBe(asks)
})
