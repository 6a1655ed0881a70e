import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { connectGuest } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { startProcess } from '../../support/processes/latchkey-process.ts'
import { type WrittenFiles, writeFiles } from '../../support/write-files.ts'

const authority = createAuthority()
const [one, other] = [1, 2].map(() => authority.issue({ commonNames: ['localhost'] }))
if (!one || !other) throw new Error('no certificates')

const settings = (files: WrittenFiles) => ({
  LATCHKEY_TLS_CERT: files.path('cert.pem'),
  LATCHKEY_TLS_KEY: files.path('key.pem'),
})

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return socket
}

/** What a new connection is shown. */
async function shownOn(port: number): Promise<string | undefined> {
  const socket = await open(port)
  const shown = socket.getPeerX509Certificate()?.fingerprint256
  socket.destroy()
  return shown
}
const fingerprintOf = ({ cert }: { readonly cert: string }) => new X509Certificate(cert).fingerprint256

test('SIGHUP ends nothing: without a certificate it is only said that there is nothing to read again', async () => {
  await using latchkey = await startProcess(['start'])
  const { ports } = await latchkey.line('ready')
  await using guest = await connectGuest(`mqtt://127.0.0.1:${ports.mqtt}`, { clientId: 'guest' })
  await latchkey.signal('SIGHUP')
  expect(await latchkey.line('nothing-to-reload')).toMatchObject({ level: 'info', signal: 'SIGHUP' })
  expect((await guest.request('account/me')).code).toBe(4003) // an answer: guests may not
  await latchkey.signal('SIGTERM')
  expect((await latchkey.ended).exitCode).toBe(0)
})

test('SIGHUP reads the certificate again: new connections are shown the new one, and open ones stay', async () => {
  await using files = await writeFiles({ 'cert.pem': one.cert, 'key.pem': one.key })
  await using latchkey = await startProcess(['start'], { env: settings(files) })
  const { ports } = await latchkey.line('ready')
  await using guest = await connectGuest(`mqtts://127.0.0.1:${ports.mqtts}`, {
    clientId: 'guest',
    rejectUnauthorized: false,
  })
  expect(await shownOn(ports.mqtts)).toBe(fingerprintOf(one))

  await files.write('cert.pem', other.cert)
  await files.write('key.pem', other.key)
  await latchkey.signal('SIGHUP')
  await latchkey.line('certificates-reloaded')
  expect(await shownOn(ports.mqtts)).toBe(fingerprintOf(other))
  expect((await guest.request('account/me')).code).toBe(4003) // an answer: guests may not
})

test('after SIGHUP with a key that does not match, the old certificate stays in use, and the log says which file is wrong', async () => {
  await using files = await writeFiles({ 'cert.pem': one.cert, 'key.pem': one.key })
  await using latchkey = await startProcess(['start'], { env: settings(files) })
  const { ports } = await latchkey.line('ready')
  await files.write('cert.pem', other.cert)
  await latchkey.signal('SIGHUP')
  expect(await latchkey.line('certificates-not-reloaded')).toMatchObject({
    level: 'error',
    reason: expect.stringMatching(/^tls\.cert: cannot be used with tls\.key /),
  })
  expect(await shownOn(ports.mqtts)).toBe(fingerprintOf(one))
})

test('files that change are read again by themselves, under load and on both ports; what cannot be used is not, and nobody is disconnected', async () => {
  await using files = await writeFiles({ 'cert.pem': one.cert, 'key.pem': one.key })
  await using latchkey = await startProcess(['start'], { env: settings(files) })
  const { ports } = await latchkey.line('ready')
  const options = { rejectUnauthorized: false, reconnectPeriod: 0 }
  await using over = await connectGuest(`mqtts://127.0.0.1:${ports.mqtts}`, options)
  await using web = await connectGuest(`wss://127.0.0.1:${ports.https}/mqtt`, options)
  let goesOn = true
  let answers = 0
  const asking = [over, web].map(async guest => {
    while (goesOn) {
      expect((await guest.request('account/me')).code).toBe(4003)
      answers++
    }
  })
  await files.write('cert.pem', other.cert) // its key is not there yet
  await latchkey.line('certificates-not-reloaded')
  expect([await shownOn(ports.mqtts), await shownOn(ports.https)]).toEqual([fingerprintOf(one), fingerprintOf(one)])
  await files.write('key.pem', other.key)
  await latchkey.line('certificates-reloaded')
  expect([await shownOn(ports.mqtts), await shownOn(ports.https)]).toEqual([fingerprintOf(other), fingerprintOf(other)])
  goesOn = false
  await Promise.all(asking)
  expect(answers).toBeGreaterThan(10)
  expect([over.mqtt.connected, web.mqtt.connected]).toEqual([true, true])
})
