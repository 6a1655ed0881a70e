import { expect, test } from 'vitest'
import { startCanary } from '../../support/abuse/canary.ts'
import type { createReportAbuses } from '../../support/abuse/report-abuses.ts'
import { startElsewhere } from '../../support/processes/elsewhere.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, registerUser, type TestDevice } from '../../support/story.ts'
import { writeFiles } from '../../support/write-files.ts'

const panel = {
  '@context': 'https://www.w3.org/2022/wot/td/v1.1',
  '@type': 'tm:ThingModel',
  title: 'Panel',
  properties: { settings: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } } },
}
const devicesOfOneOwner = 8
const patience = 120_000

test.each([
  ['64 KiB of many small values', 6400, 0],
  ['64 KiB of many small values', 6400, 1],
  ['as many values as are allowed', 990, 0],
  ['as many values as are allowed', 990, 1],
  ['a part of what is allowed, several to a read', 300, 1],
  ['one value of an object of as many as are allowed', 1, 0],
  ['one value of an object of as many as are allowed', 1, 1],
] as const)(
  'eight devices of one owner report %s (%i) at QoS %i as quickly as they may, and nobody waits for that',
  async (_, values, qos) => {
    await using types = await writeFiles({ 'panel.json': JSON.stringify(panel) })
    await using running = await startApp({
      configure: config => ({ ...config, devices: { ...config.devices, typeFolders: [types.folder] } }),
    })
    const { client } = await registerUser(running, 'owner')
    const devices: TestDevice[] = []
    while (devices.length < devicesOfOneOwner) {
      const device = await addDevice(running, 'panel', `panel-${devices.length}`)
      const { code } = await client.request('device/claim', { deviceId: device.id, code: device.claimCode })
      expect(code).toBe(0)
      devices.push(device)
    }
    await using abusers = await startElsewhere<ReturnType<typeof createReportAbuses>>(
      new URL('../../support/abuse/report-abuses.ts', import.meta.url),
      'createReportAbuses',
    )
    await abusers.call('connect', running.app.ports.mqtt, devices)
    await abusers.call('begin', 990)
    await using canary = await startCanary(running)
    let sent = 0
    await canary.stayHealthyWhile(async () => {
      const made = await abusers.call('report', { qos, values, forMs: 500 })
      sent += made.sent
      expect(made.bytes).toBeLessThan(65_536)
    })
    expect(sent).toBeGreaterThan(100)
    expect(await abusers.call('closed')).toBe(0)
    await client[Symbol.asyncDispose]()
  },
  patience,
)
