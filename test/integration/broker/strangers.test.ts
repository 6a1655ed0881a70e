import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { connectClient } from '../../support/mqtt-client.ts'
import { openTcp, openWebSocket } from '../../support/raw-client.ts'
import { startApp } from '../../support/start-app.ts'
import { logged } from '../../support/story.ts'

const http = Buffer.from('GET / HTTP/1.1\r\nHost: broker\r\n\r\n')

test.each([
  ['not-mqtt: HTTP', http],
  ['not-mqtt: PROXY protocol v1', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 5000 1883\r\n')],
  ['not-mqtt: PROXY protocol v2', Buffer.from('0d0a0d0a000d0a515549540a21110c00c0000201c0000202138807', 'hex')],
  ['not-mqtt: SSH', Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')],
  ['not-mqtt: bytes that begin with 0x05', Buffer.of(5, 1, 0)],
  ['packet-too-large: CONNECT of 20000 bytes', Buffer.of(0x10, 0xa0, 0x9c, 0x01)],
  ['protocol-violation: PINGREQ before CONNECT', Buffer.of(0xc0, 0)],
])(
  '%s: who opens the MQTT port so is closed at once, with a line that says what it looked like',
  async (reason, bytes) => {
    await using running = await startApp({ limits: { connectTimeoutMs: 60_000 } })
    for (const open of [() => openTcp(running.app.ports.mqtt), () => openWebSocket(running.app.ports.http)]) {
      running.lines.length = 0
      const stranger = await open()
      stranger.send(bytes)
      await stranger.closed
      const line = `"clientId":"","address":"127.0.0.1","returnCode":0,"reason":"${reason}"`
      await expect.poll(() => logged(running, '"connection-refused"', line)).toBe(true)
      expect(running.lines.filter(one => one.includes('connection-refused'))).toHaveLength(1)
    }
  },
)

test('a TLS client on the plain port is told by its hello', async () => {
  await using running = await startApp({ limits: { connectTimeoutMs: 60_000 } })
  const client = connectTls({ port: running.app.ports.mqtt, host: '127.0.0.1', rejectUnauthorized: false })
  await new Promise(resolve => client.once('error', resolve))
  await expect.poll(() => logged(running, '"connection-refused"', '"reason":"not-mqtt: TLS"')).toBe(true)
})

test('hanging up in the middle of a CONNECT, or before it, is no line', async () => {
  await using running = await startApp()
  for (const bytes of [Buffer.of(), Buffer.of(0x10, 40, 0, 4)]) {
    const socket = connect(running.app.ports.mqtt, '127.0.0.1')
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.resume().end(bytes)
    await closed
  }
  expect(running.lines.filter(line => line.includes('connection-refused'))).toEqual([])
})

test('strangers without end have ten lines a minute of each kind, and no entry in the audit trail', async () => {
  await using running = await startApp()
  const port = running.app.ports.mqtt
  for (let n = 0; n < 30; n++) {
    const strangers = await Promise.all([openTcp(port), openTcp(port), openTcp(port)])
    strangers[0].send(http)
    strangers[1].send(Buffer.of(0x80 + n, 1, 2))
    strangers[2].send(Buffer.of(0x10, 0x80 + n, 0x80, 0x02))
    await Promise.all(strangers.map(({ closed }) => closed))
  }
  const lines = () => running.lines.filter(line => line.includes('"connection-refused"'))
  for (const reason of ['not-mqtt: HTTP', 'not-mqtt: bytes that begin with', 'packet-too-large: CONNECT of'])
    expect(lines().filter(line => line.includes(reason))).toHaveLength(10)
  await expect(connectClient(running.mqttUrl, { username: 'jwt', password: 'x' })).rejects.toThrow()
  const details = async () => (await running.admin.store.audit.query({ limit: 100 })).map(({ detail }) => detail)
  await expect.poll(details).toEqual(['bad-credentials'])
})
