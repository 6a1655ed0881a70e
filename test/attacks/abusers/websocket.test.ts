import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { connectPacket, publishPacket } from '../../support/packets.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

async function open({ wsUrl }: RunningApp, options = {}): Promise<WebSocket> {
  const ws = new WebSocket(wsUrl, 'mqtt', { perMessageDeflate: false, ...options })
  ws.on('error', () => {})
  await once(ws, 'open')
  return ws
}

/** What is under a WebSocket, to write frames that no library writes. */
const rawFrames = (ws: WebSocket, frames: Buffer): boolean => {
  const socket: unknown = Reflect.get(ws, '_socket')
  return socket instanceof Object && 'write' in socket && typeof socket.write === 'function' && socket.write(frames)
}

/** Masked frames, with a mask of zeros. */
const frame = (first: number, payload = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.of(first, 0x80 | payload.length, 0, 0, 0, 0), payload])
const many = (count: number, bytes: Buffer) => Buffer.concat(Array.from({ length: count }, () => bytes))

test('limits.wsOrigins: upgrades of others without end are refused', async () => {
  await using running = await startApp({ limits: { wsOrigins: ['https://ours.example'] } })
  const statuses = new Set<number | undefined>()
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const ws = new WebSocket(running.wsUrl, 'mqtt', { origin: 'https://evil.example' })
    ws.on('error', () => {})
    const [, response] = await once(ws, 'unexpected-response')
    statuses.add(response.statusCode)
    ws.terminate()
  })
  expect([...statuses]).toEqual([403])
})

test.each([
  [
    'a frame announced too long',
    Buffer.concat([Buffer.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x05, 0, 0), Buffer.alloc(20_000)]),
  ],
  ['a message of endless parts', Buffer.concat([frame(0x02), many(9000, frame(0x00, Buffer.of(0)))])],
])('limits.maxPacketBytes: %s is closed, again and again', async (_what, bytes) => {
  await using running = await startApp()
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(async () => {
    const ws = await open(running)
    const closed = once(ws, 'close')
    rawFrames(ws, bytes)
    rawFrames(ws, bytes)
    await closed
  })
  expect(running.app.connectedClients()).toBe(2)
})

test.each([
  ['pings', many(8000, frame(0x89))],
  ['empty frames', many(8000, frame(0x82))],
  [
    'packets in frames of a byte',
    Buffer.concat([...publishPacket('app/x', 'x'.repeat(8000))].map(byte => frame(0x82, Buffer.of(byte)))),
  ],
])('%s without end on a WebSocket: read slower, and closed', async (_what, bytes) => {
  await using running = await startApp({ limits: { maxSlowedSeconds: 1 } })
  const password = await serviceToken(running)
  const ended: string[] = []
  running.app.events.on('session-closed', ({ clientId, reason }) => clientId === 'flood' && ended.push(reason))
  const connect = async () => {
    const ws = await open(running)
    ws.send(connectPacket('flood', true, password))
    await once(ws, 'message')
    return ws
  }
  let flood = await connect()
  let waiting = false
  const abuse = async () => {
    if (flood.readyState !== WebSocket.OPEN) {
      flood = await connect()
      waiting = false
    }
    if (!waiting) waiting = !rawFrames(flood, bytes)
    else waiting = flood.bufferedAmount > 0
    await setTimeout(5)
  }
  using pair = await connectHealthyPair(running)
  await pair.stayHealthyWhile(abuse)
  for (const until = performance.now() + 3000; ended.length === 0 && performance.now() < until; ) await abuse()
  expect(ended).toContain('too-fast')
  flood.terminate()
})

test('a client that sends all the time and is sent nothing is pinged too: a proxy in front may count only what we send', async () => {
  await using running = await startApp({ limits: { pingSeconds: 1 } })
  const talking = await open(running)
  talking.send(connectPacket('talking', true, await serviceToken(running), 0))
  const talk = setInterval(() => talking.send(publishPacket('app/said', Buffer.from('x'), undefined)), 100)
  await once(talking, 'ping')
  await once(talking, 'ping')
  clearInterval(talk)
  talking.terminate()
})

test('limits.pingSeconds: a WebSocket that answers no ping is closed, with keep alive 0 too', async () => {
  await using running = await startApp({ limits: { pingSeconds: 1 } })
  const password = await serviceToken(running)
  const silent = await open(running, { autoPong: false })
  const answering = await open(running)
  silent.send(connectPacket('silent', true, password, 0))
  answering.send(connectPacket('answering', true, password, 0))
  let pings = 0
  const pinged = new Promise<void>(resolve => answering.on('ping', () => ++pings === 2 && resolve()))
  using pair = await connectHealthyPair(running)
  const closed = once(silent, 'close')
  await pair.stayHealthyWhile(() => Promise.race([closed, setTimeout(50)]))
  await closed
  await pinged
  expect(answering.readyState).toBe(WebSocket.OPEN)
  answering.terminate()
})
