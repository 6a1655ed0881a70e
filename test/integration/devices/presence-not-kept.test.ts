import { expect, test } from 'vitest'
import { storeFailing } from '../../support/gated-store.ts'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, leave, ownerOf } from '../../support/story.ts'

test('a device that goes while nothing can be retained is offline for its members as soon as something can', async () => {
  const { store: mqttStore, control } = storeFailing(
    write => write.kind === 'message' && write.retained?.message.topic === 'devices/s1/presence',
    0,
  )
  await using running = await startApp({ mqttStore })
  const { device, client, token } = await ownerOf(running, 's1')
  const sensor = await connectAsDevice(running, device)
  const online = () =>
    client.received.filter(({ topic }) => topic === 'devices/s1/presence').map(one => JSON.parse(one.payload).online)
  await client.subscribe('devices/s1/presence', 1)
  await expect.poll(() => online().at(-1)).toBe(true)
  control.left = 2
  await leave(running, sensor)
  await expect.poll(() => control.left).toBe(0)
  await expect.poll(() => online().at(-1)).toBe(false)
  await using late = await connectWithToken(running.wsUrl, token, { clientId: 'late' })
  await late.subscribe('devices/s1/presence', 1)
  expect(JSON.parse((await late.message('devices/s1/presence')).payload).online).toBe(false)
  await client[Symbol.asyncDispose]()
})
