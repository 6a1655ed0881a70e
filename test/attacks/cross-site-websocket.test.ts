import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectClient } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'

test('a WebSocket is refused elsewhere than at /mqtt, without the subprotocol, and from an origin that is not allowed', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, limits: { ...c.limits, wsOrigins: ['https://ours.example'] } }),
  })
  const statusOf = async (path: string, protocols: string[], origin?: string) => {
    const ws = new WebSocket(`ws://127.0.0.1:${running.app.ports.http}${path}`, protocols, origin ? { origin } : {})
    const [, response] = await once(ws, 'unexpected-response')
    ws.on('error', () => {})
    ws.terminate()
    return response.statusCode
  }
  expect(await statusOf('/other', ['mqtt'])).toBe(404)
  expect(await statusOf('/mqtt', [])).toBe(400)
  expect(await statusOf('/mqtt', ['mqtt'], 'https://evil.example')).toBe(403)
  await using allowed = await connectClient(running.wsUrl, { wsOptions: { origin: 'https://ours.example' } })
  expect(allowed.mqtt.connected).toBe(true)
})
