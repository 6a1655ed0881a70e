import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

const hourMs = 3_600_000

const energyOfPlug = () => ({
  deviceId: 'plug-1',
  property: 'energy',
  from: Date.now() - hourMs,
  to: Date.now() + hourMs,
})

test('questions about history that come at once are answered in turns, between which messages go on', async () => {
  await using running = await startApp()
  const { client: owner, token } = await ownerOf(running, 'plug-1', 'plug')
  await using greedy = await connectWithToken(running.mqttUrl, token)
  let inThisTurn = 0
  let most = 0
  running.app.events.on('request-answered', ({ operation }) => {
    if (operation !== 'device/history') return
    inThisTurn++
    most = Math.max(most, inThisTurn)
    setImmediate(() => {
      inThisTurn = 0
    })
  })
  const asked = [greedy, owner].flatMap(client =>
    Array.from({ length: 15 }, () => client.request('device/history', energyOfPlug())),
  )
  for (const { code } of await Promise.all(asked)) expect(code).toBe(0)
  expect(most).toBeLessThanOrEqual(2)
  await owner[Symbol.asyncDispose]()
})

test('a user who keeps asking for history is told to slow down, another is not', async () => {
  await using running = await startApp()
  const { client: greedy } = await ownerOf(running, 'plug-1', 'plug')
  const { client: other } = await ownerOf(running, 'sensor-1')
  const codes: number[] = []
  while (codes.length < 61) codes.push((await greedy.request('device/history', energyOfPlug())).code)
  expect(codes.filter(code => code === 0)).toHaveLength(30)
  expect(codes.at(-1)).toBe(4029)
  const battery = { ...energyOfPlug(), deviceId: 'sensor-1', property: 'battery' }
  expect(await other.request('device/history', battery)).toMatchObject({ code: 0 })
  await Promise.all([greedy, other].map(client => client[Symbol.asyncDispose]()))
})

test('values near the largest number there is have a finite average', async () => {
  await using running = await startApp({
    configure: config => ({ ...config, history: { ...config.history, minIntervalSeconds: 1 } }),
  })
  const { device, client: owner } = await ownerOf(running, 'plug-1', 'plug')
  await using plug = await connectAsDevice(running, device)
  await plug.mqtt.publishAsync(topics.state('plug-1'), '{"energy":1.7e308,"power":1}', { qos: 1 })
  await plug.mqtt.publishAsync(topics.state('plug-1'), '{"energy":1.6e308,"power":2}', { qos: 1 })
  const read = async (property: string) =>
    (await owner.request('device/history', { ...energyOfPlug(), property, points: 1 })) as {
      data: { samples: { avg: number; last: number }[] } | null
    }
  await expect.poll(async () => (await read('power')).data?.samples.at(-1)?.last, { interval: 300 }).toBe(2)
  for (const { avg } of (await read('energy')).data?.samples ?? []) expect(avg).toEqual(expect.any(Number))
  await owner[Symbol.asyncDispose]()
})
