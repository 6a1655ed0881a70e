import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { listenTls } from '../../../src/front/listen-tls.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { openGate } from '../../support/open-gate.ts'
import { openTcp } from '../../support/raw-client.ts'

const certificate = createAuthority().issue({ commonNames: ['localhost'] })
const listening = { host: '127.0.0.1', port: 0, certificate, gate: openGate }

test('a handshake that takes too long is closed, not only told', async () => {
  const failed: string[] = []
  const listener = await listenTls({
    ...listening,
    accept: () => {},
    handshakeTimeoutMs: 100,
    handshakeFailed: (address, problem) => failed.push(`${address} ${problem}`),
  })
  const silent = await openTcp(listener.port)
  await silent.closed
  expect(failed).toEqual(['127.0.0.1 ERR_TLS_HANDSHAKE_TIMEOUT'])
  listener.stop()
})

test('stopping closes handshakes under way, and leaves what was accepted', async () => {
  let accept: (socket: Socket) => void = () => {}
  const accepted = new Promise<Socket>(resolve => {
    accept = resolve
  })
  const listener = await listenTls({ ...listening, accept: socket => accept(socket) })
  const silent = await openTcp(listener.port)
  const client = connectTls({ port: listener.port, host: '127.0.0.1', rejectUnauthorized: false })
  const socket = await accepted
  listener.stop()
  await silent.closed
  client.end('still here')
  expect(String((await once(socket, 'data'))[0])).toBe('still here')
  socket.destroy()
})

test('a handshake that is finished or given up makes room for another of its address', async () => {
  const failed: string[] = []
  const accepted: Socket[] = []
  const listener = await listenTls({
    ...listening,
    accept: socket => void accepted.push(socket.on('error', () => {})),
    handshakeFailed: (_address, problem) => failed.push(problem),
  })
  const shakeHands = async (): Promise<boolean> => {
    const client = connectTls({ port: listener.port, host: '127.0.0.1', rejectUnauthorized: false })
    const isIn = await once(client, 'secureConnect').then(
      () => true,
      () => false,
    )
    client.on('error', () => {})
    return isIn
  }
  for (let i = 0; i < 25; i++) expect(await shakeHands()).toBe(true)
  await expect.poll(() => accepted.length).toBe(25)
  const silent = await Promise.all(Array.from({ length: 20 }, () => openTcp(listener.port)))
  await (await openTcp(listener.port)).closed
  expect(failed).toEqual(['too many unfinished handshakes'])
  for (const one of silent) one.close()
  await expect.poll(shakeHands).toBe(true)
  for (const socket of accepted) socket.destroy()
  listener.stop()
})
