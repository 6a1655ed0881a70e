import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IClientOptions } from 'mqtt'
import { expect, onTestFinished, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectClient, connectGuest } from '../../support/mqtt-client.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, logged, ownerOf } from '../../support/story.ts'

test('a command that does not reach its device is a line with the reason, at most one a second of each session', async () => {
  let nowMs = Date.now()
  await using running = await startApp({ now: () => nowMs })
  const { device, client } = await ownerOf(running, 'lamp-1', 'lamp')
  await using alice = client
  const set = (payload: string) => alice.mqtt.publishAsync(topics.set('lamp-1'), payload, { qos: 1 })
  const lines = () => running.lines.filter(line => line.includes('"command-refused"'))

  await set('{"on":true}')
  expect(lines()).toEqual([
    expect.stringContaining('"topic":"devices/lamp-1/set","code":2004,"reason":"device offline"'),
  ])
  await using lamp = await connectAsDevice(running, device)
  nowMs += 1000
  await set('{"on":true}')
  expect(lines().at(-1)).toContain('"code":2004,"reason":"device has not subscribed"')
  await lamp.subscribe(topics.set('lamp-1'))
  nowMs += 999
  await set('ON')
  expect(lines()).toHaveLength(2)
  nowMs += 1
  await set('{"brightness":101}')
  expect(lines().at(-1)).toContain('"code":2005,"reason":"brightness: must be <= 100"')
  nowMs += 1000
  await set('{"on":true}')
  expect(lines()).toHaveLength(3)
  expect(lamp.id).toBe('lamp-1')
})

test('a request that is refused is a line with what its client was told', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  await guest.request('device/enroll', { type: 'lamp' })
  expect(logged(running, '"device/enroll"', '"code":4000,"reason":"serial: missing"')).toBe(true)
})

/** The app with a TLS listener whose certificate nobody trusts. */
async function startTls() {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { cert, key } = createAuthority().issue({ commonNames: ['localhost'] })
  const env = { LATCHKEY_TLS_CERT: join(folder, 'cert.pem'), LATCHKEY_TLS_KEY: join(folder, 'key.pem') }
  await writeFile(env.LATCHKEY_TLS_CERT, cert)
  await writeFile(env.LATCHKEY_TLS_KEY, key)
  return startApp({ env: { ...env, LATCHKEY_MQTTS_PORT: '0' } })
}

test('a TLS handshake that fails is a line in the log; closing before the handshake is not', async () => {
  await using running = await startTls()
  const at = { host: '127.0.0.1', port: running.app.ports.mqtts ?? 0 }
  const silent = connectTcp(at)
  await once(silent, 'connect')
  silent.destroy()
  for (const [bytes, problem] of [
    [Buffer.from('15030100020230', 'hex'), 'ERR_SSL_UNEXPECTED_MESSAGE'],
    [Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'ERR_SSL_HTTP_REQUEST'],
  ] as const) {
    const socket = connectTcp(at)
    socket.write(bytes)
    await once(
      socket.resume().on('error', () => {}),
      'close',
    )
    const line = `"address":"127.0.0.1","returnCode":0,"reason":"bad-handshake: ${problem}"`
    await expect.poll(() => logged(running, '"connection-refused"', line)).toBe(true)
  }
  expect(running.lines.filter(line => line.includes('bad-handshake'))).toHaveLength(2)
})

test('each reason for CONNACK 2 and 5 has a name of its own', async () => {
  await using running = await startApp({ limits: { maxEventBytes: 100 } })
  const { secret } = await addDevice(running, 'lamp', 'lamp-1')
  const asLamp = { username: 'lamp-1', password: secret }
  const will = (topic: string, bytes = 1) => ({ topic, payload: Buffer.alloc(bytes), qos: 0 as const, retain: false })
  const wrong: readonly [reason: string, options: IClientOptions][] = [
    ['identifier-rejected', { clientId: 'no id/' }],
    ['identifier-mismatch', { clientId: 'lamp-2', ...asLamp }],
    ['guest-session', { clientId: 'g', clean: false }],
    ['guest-will', { clientId: 'g', will: will('app/x') }],
    ['will-refused', { clientId: 'lamp-1', ...asLamp, will: will('app/x') }],
    ['will-too-large', { clientId: 'lamp-1', ...asLamp, will: will('devices/lamp-1/event/x', 101) }],
  ]
  for (const [reason, options] of wrong) {
    await expect(connectClient(running.mqttUrl, options), reason).rejects.toThrow()
    expect(logged(running, 'connection-refused', `"reason":"${reason}"`), reason).toBe(true)
  }
})
