import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createLink } from '../../console/connection/create-link.ts'
import { connectDevice } from '../../devices/sdk/connect-device.ts'
import { EnrollmentRefused, enroll } from '../../devices/sdk/enroll.ts'
import type { ConnectionStatus } from '../../devices/sdk/keep-connected.ts'
import { connectGuest, connectWithToken } from '../support/mqtt-client.ts'
import { withoutIPv6 } from '../support/network/ipv6.ts'
import { runCommand } from '../support/processes/run-command.ts'
import { type RunningApp, startApp } from '../support/start-app.ts'
import { operatorToken } from '../support/story.ts'

const onLoopback = (running: RunningApp) => ({
  mqtt: `mqtt://[::1]:${running.app.ports.mqtt}`,
  http: `http://[::1]:${running.app.ports.http}`,
  ws: `ws://[::1]:${running.app.ports.http}/mqtt`,
})
const start = () => startApp({ env: { LATCHKEY_HOST: '::1' } })

test.skipIf(withoutIPv6)(
  'logs and trace find a broker by an IPv6 literal, over MQTT and by its HTTP port',
  async () => {
    await using running = await start()
    const { mqtt, http, ws } = onLoopback(running)
    const env = { LATCHKEY_TOKEN: await operatorToken(running) }
    for (const url of [mqtt, ws, http]) {
      await using guest = await connectGuest(ws)
      const ended = await runCommand(running, ['logs', '--follow', '--url', url], {
        env,
        async untilStopped(out) {
          guest.send('account/me')
          await expect.poll(() => out.stdout, { message: url }).toContain(guest.id)
        },
      })
      expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
    }
    const traced = await runCommand(running, ['trace', '--client', 'x', '--minutes', '1', '--url', http], { env })
    expect(traced).toMatchObject({ exitCode: 0, stderr: '' })
  },
)

test.skipIf(withoutIPv6)('the broker of this configuration is found where it listens on IPv6', async () => {
  await using running = await start()
  const { mqtt, http } = running.app.ports
  const env = { LATCHKEY_HOST: '::', LATCHKEY_MQTT_PORT: `${mqtt}`, LATCHKEY_HTTP_PORT: `${http}` }
  const token = { LATCHKEY_TOKEN: await operatorToken(running) }
  expect(await runCommand(running, ['logs', '--follow'], { env: { ...env, ...token } })).toMatchObject({ exitCode: 0 })
  const { stdout } = await runCommand(running, ['doctor'], { env: { ...env, LATCHKEY_HOST: '::1' } })
  expect(stdout).toContain(`${mqtt} is held by our running broker`)
})

test.skipIf(withoutIPv6)('a device comes by an IPv6 literal, and asks to be enrolled', async () => {
  await using running = await start()
  const { mqtt, ws } = onLoopback(running)
  for (const url of [mqtt, ws]) {
    const added = await running.admin.provisioning.addDevice({ type: 'lamp' })
    if (typeof added === 'string') throw new Error(added)
    let told: (status: ConnectionStatus) => void = () => {}
    const status = new Promise<ConnectionStatus>(resolve => {
      told = resolve
    })
    const device = connectDevice({ url, ...added, onStatus: status => told(status) })
    expect(await status).toEqual({ state: 'online' })
    await device.close()
    const asked = enroll({ url, type: 'lamp', serial: '1', productSecret: 'x' })
    await expect(asked).rejects.toBeInstanceOf(EnrollmentRefused)
  }
})

test.skipIf(withoutIPv6)('the console signs in where its page came from an IPv6 literal', async () => {
  await using running = await start()
  await operatorToken(running)
  const link = createLink(onLoopback(running).ws)
  // A wrong password is an answer too.
  expect(await link.signIn('root', '0'.repeat(32))).toMatchObject({ code: 1 })
})

test.skipIf(withoutIPv6)(
  'an address that is blocked in another spelling is refused, and found by a search',
  async () => {
    await using running = await startApp({ env: { LATCHKEY_HOST: '::' } })
    const { mqtt, http } = running.app.ports
    await using operator = await connectWithToken(`ws://127.0.0.1:${http}/mqtt`, await operatorToken(running))
    await using guest = await connectGuest(`ws://[::1]:${http}/mqtt`)
    const found = await operator.request('ops/sessions', { search: '0:0:0:0:0:0:0:1' })
    expect(found.data).toMatchObject({ total: 1, sessions: [{ clientId: guest.id, address: '::1' }] })
    const mapped = await operator.request('ops/sessions', { search: '::ffff:7f00:1' })
    expect(mapped.data).toMatchObject({ total: 1, sessions: [{ clientId: operator.id }] })

    const address = '0000:0000:0000:0000:0000:0000:0000:0001'
    expect(await operator.request('ops/address/block', { address, minutes: 1 })).toMatchObject({
      code: 0,
      data: { network: '0:0:0:0::/64', ended: 1 },
    })
    await guest.closed()
    const late = connect({ port: mqtt, host: '::1' })
    late.on('error', () => {})
    await once(late, 'close')
    expect((await operator.request('ops/address/unblock', { address: '::1' })).code).toBe(0)
    expect((await operator.request('ops/address/block', { address: 'fe80::1%eth0', minutes: 1 })).code).toBe(0)
  },
)

test.skipIf(withoutIPv6)(
  'an uncounted address is that address, however it is written, and not its neighbours',
  async () => {
    await using running = await startApp({
      env: { LATCHKEY_HOST: '::' },
      limits: { connectionsPerAddress: 1, uncountedAddresses: ['0:0:0:0:0:0:0:0001', '::ffff:7f00:1'] },
    })
    const urls = [`ws://[::1]:${running.app.ports.http}/mqtt`, `ws://127.0.0.1:${running.app.ports.http}/mqtt`]
    for (const url of urls) {
      await using _one = await connectGuest(url)
      await using _other = await connectGuest(url)
    }
  },
)
