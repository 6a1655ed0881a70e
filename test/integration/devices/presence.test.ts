import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { connectRaw } from '../../support/raw-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { connectAsDevice, logged, ownerOf, type TestDevice } from '../../support/story.ts'

/** Who watches a device come and go: its owner, who waits for what is said last. */
async function watched(running: RunningApp, id = 'lamp-1') {
  const { device, client } = await ownerOf(running, id, 'lamp')
  await client.subscribe('devices/+/presence', 1)
  const presences = () =>
    client.received.filter(({ topic }) => topic === topics.presence(id)).map(({ payload }) => JSON.parse(payload))
  const becomes = async (online: boolean) => {
    await expect.poll(() => presences().at(-1)?.online, { interval: 5 }).toBe(online)
    return presences().at(-1)
  }
  await becomes(false)
  return { device, client, presences, becomes }
}
const asRaw = ({ id, secret }: TestDevice) => ({ clientId: id, username: id, password: secret })

test('a device is online when it has connected, and offline with the reason when it says goodbye, breaks off, or is taken over', async () => {
  await using running = await startApp()
  const { device, client, becomes, presences } = await watched(running)

  const beforeMs = Date.now()
  const polite = await connectAsDevice(running, device)
  const arrived = await becomes(true)
  expect(arrived.since).toBeGreaterThanOrEqual(beforeMs)
  expect(arrived.since).toBeLessThanOrEqual(Date.now())
  await polite.mqtt.endAsync()
  expect((await becomes(false)).reason).toBe('disconnected')

  const broken = await connectRaw('tcp', running.app.ports.mqtt, asRaw(device))
  await becomes(true)
  broken.close()
  expect((await becomes(false)).reason).toBe('connection-lost')

  await using first = await connectAsDevice(running, device)
  await becomes(true)
  const before = presences().length
  await using second = await connectAsDevice(running, device)
  await first.closed()
  await becomes(true)
  await second.mqtt.publishAsync(topics.state(device.id), '{"on":true}', { qos: 1 })
  await expect
    .poll(async () => (await client.request('device/list')).data)
    .toMatchObject([{ online: true, state: { on: true } }])
  const since = presences().slice(before) // offline for the moment between the two, or not at all
  expect(since.filter(({ online }) => !online).map(({ reason }) => reason)).toEqual(
    since.length === 0 ? [] : ['taken-over'],
  )
  await client[Symbol.asyncDispose]()
})

test('a device that comes and goes all the time is damped in the log, not in the truth', async () => {
  await using running = await startApp()
  const { device, client, becomes, presences } = await watched(running)
  const before = presences().length
  for (let i = 0; i < 10; i++) {
    const connection = await connectRaw('tcp', running.app.ports.mqtt, asRaw(device))
    await becomes(true)
    connection.close()
    await becomes(false)
  }
  expect(
    presences()
      .slice(before)
      .map(({ online }) => online),
  ).toEqual(Array.from({ length: 10 }, () => [true, false]).flat())
  const lines = running.lines.filter(line => /"event":"device-o(n|ff)line"/.test(line))
  expect(lines).toHaveLength(6)
  expect(logged(running, '"event":"session-opened"', '"clientId":"lamp-1"')).toBe(true)
  await client[Symbol.asyncDispose]()
})
