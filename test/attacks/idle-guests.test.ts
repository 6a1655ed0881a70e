import { expect, test } from 'vitest'
import { connectGuest } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { logged } from '../support/story.ts'

test('a guest is closed when it asks nothing, and there are only so many from one address', async () => {
  await using running = await startApp({
    configure: c => ({ ...c, guest: { idleSeconds: 1, maxSeconds: 600, perAddress: 2 } }),
  })
  const guests = [await connectGuest(running.wsUrl), await connectGuest(running.wsUrl)]
  await expect(connectGuest(running.wsUrl)).rejects.toMatchObject({ code: 3 })
  await Promise.all(guests.map(guest => guest.closed()))
  expect(logged(running, 'session-closed', 'guest-idle')).toBe(true)
  await using next = await connectGuest(running.wsUrl)
  expect(next.mqtt.connected).toBe(true)
})
