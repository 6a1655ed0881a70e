import { expect, test } from 'vitest'
import { connectClient, connectGuest } from '../support/mqtt-client.ts'
import { publishPacket } from '../support/packets.ts'
import { connectRaw } from '../support/raw-client.ts'
import { startApp } from '../support/start-app.ts'
import { logged, password } from '../support/story.ts'

const hostile = 'x\r\n{"level":"info","event":"signed-in","user":"root"}\u001b[2J\u0085\u2028\u202e\u0007'
/** Control characters, line and paragraph separators, and what turns text around; a line ends in one line feed. */
const dangerous = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

test.each([false, true])(
  'what clients send adds no line to the log and drives no terminal (pretty %s)',
  async pretty => {
    await using running = await startApp({ pretty })
    await using guest = await connectGuest(running.wsUrl)
    await guest.request('auth/signin', { username: hostile, password })
    await guest.request('auth/signin', { username: 'x\u202e', password })
    await guest.request('device/claim', { deviceId: hostile, code: hostile })
    await guest.mqtt.publishAsync(`devices/${hostile}/state`, hostile, { qos: 1 })
    await guest.subscribe(`devices/${hostile}/state`)
    await guest.request(`auth/${hostile}`)
    await connectClient(running.wsUrl, { clientId: hostile, username: hostile, password: hostile }).catch(() => {})
    await connectClient(running.wsUrl, { username: hostile, password: hostile }).catch(() => {})
    const raw = await connectRaw('tcp', running.app.ports.mqtt, { clientId: 'raw' })
    raw.send(publishPacket(`${hostile}/x`, hostile, 1))
    await expect.poll(() => logged(running, 'raw', 'publish')).toBe(true)
    expect((await guest.request('account/me')).code).toBe(4003)
    const text = running.lines.join('')
    expect(text).not.toMatch(dangerous)
    const lines = text.trimEnd().split('\n')
    expect(lines.filter(line => /^\{"level":"info","event":"signed-in"/.test(line))).toEqual([])
    if (!pretty) for (const line of lines) expect(JSON.parse(line)).toMatchObject({ event: expect.any(String) })
    raw.close()
  },
)
