import { expect, test } from 'vitest'
import { connectGuest } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice, leave, logged } from '../support/story.ts'

test('a guest is closed when it asks nothing, and there are only so many from one address', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, guest: { ...c.guest, idleSeconds: 1, perAddress: 2 } }),
  })
  const guests = [await connectGuest(running.wsUrl), await connectGuest(running.wsUrl)]
  await expect(connectGuest(running.wsUrl)).rejects.toMatchObject({ code: 3 })
  expect(logged(running, 'connection-refused', '"too-many-guests-from-address"')).toBe(true)
  await Promise.all(guests.map(guest => guest.closed()))
  expect(logged(running, 'session-closed', 'guest-idle')).toBe(true)
  await using next = await connectGuest(running.wsUrl)
  expect(next.mqtt.connected).toBe(true)
})

test('guests leave room for everybody else, from however many addresses they come: guest.connections', async () => {
  await using running = await startApp({ configure: c => ({ ...c, guest: { ...c.guest, connections: 2 } }) })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const first = await connectGuest(running.wsUrl)
  await using second = await connectGuest(running.wsUrl)
  await expect(connectGuest(running.wsUrl)).rejects.toMatchObject({ code: 3 })
  expect(logged(running, 'connection-refused', '"too-many-guests"')).toBe(true)
  await using lamp = await connectAsDevice(running, device)
  expect(lamp.mqtt.connected).toBe(true)
  await leave(running, first)
  await using third = await connectGuest(running.wsUrl)
  expect([second, third].map(guest => guest.mqtt.connected)).toEqual([true, true])
})
