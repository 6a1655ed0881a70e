import { request } from 'node:https'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { connectGuest } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { openMany, refusalsOf } from '../../support/open-many.ts'
import { openTcp } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { logged } from '../../support/story.ts'
import { type WrittenFiles, writeFiles } from '../../support/write-files.ts'

const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })
const startOn = (files: WrittenFiles, more = {}) =>
  startApp({
    env: {
      LATCHKEY_TLS_CERT: files.path('cert.pem'),
      LATCHKEY_TLS_KEY: files.path('key.pem'),
      LATCHKEY_MQTTS_PORT: '0',
      ...more,
    },
    sites: { console: files.folder },
  })
const withFiles = () => writeFiles({ 'cert.pem': cert, 'key.pem': key, 'index.html': '<title>console</title>' })

function get({ app }: RunningApp, path: string): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${app.ports.https}${path}`
    request(url, { rejectUnauthorized: false, localAddress: '127.0.0.8' }, response => {
      let text = ''
      response.on('data', part => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode, text }))
    })
      .on('error', reject)
      .end()
  })
}

test('with a certificate the pages and the WebSocket are there over TLS, and sessions have their own address', async () => {
  await using files = await withFiles()
  await using running = await startOn(files)
  expect(await get(running, '/console/')).toEqual({ status: 200, text: '<title>console</title>' })
  await using guest = await connectGuest(`wss://127.0.0.1:${running.app.ports.https}/mqtt`, {
    clientId: 'over-tls',
    rejectUnauthorized: false,
    wsOptions: { localAddress: '127.0.0.8' },
  })
  expect((await guest.request('account/me')).code).toBe(4003)
  expect(logged(running, '"session-opened"', '"over-tls"', '"127.0.0.8"')).toBe(true)
})

test('nothing older than TLS 1.2 is spoken, and HTTP/1.1 is agreed on', async () => {
  await using files = await withFiles()
  await using running = await startOn(files)
  const open = (port: number | undefined, options: object) =>
    new Promise<string | false | null>((resolve, reject) => {
      const socket = connect({ port: port ?? 0, host: '127.0.0.1', rejectUnauthorized: false, ...options }, () => {
        resolve(`${socket.getProtocol()} ${socket.alpnProtocol}`)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  const { https, mqtts } = running.app.ports
  expect(await open(https, { ALPNProtocols: ['h2', 'http/1.1'] })).toBe('TLSv1.3 http/1.1')
  for (const port of [https, mqtts]) {
    expect(await open(port, { maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1.2/)
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(open(port, old)).rejects.toThrow()
  }
})

test('twenty unfinished handshakes of one address are waited for, and others get in meanwhile', async () => {
  await using files = await withFiles()
  await using running = await startOn(files)
  const refusals = refusalsOf(running)
  const silent = await openMany(running, '127.0.0.9', 30, running.app.ports.mqtts)
  await expect.poll(silent.open).toBe(20)
  expect(refusals).toEqual(Array.from({ length: 10 }, () => 'bad-handshake: too many unfinished handshakes'))
  expect((await get(running, '/console/')).status).toBe(200)
  silent.close()
  const again = await openTcp(running.app.ports.mqtts ?? 0, '127.0.0.9')
  again.close()
})
