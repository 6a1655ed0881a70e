import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { connectHealthyPair } from '../../support/abuse/healthy-pair.ts'
import { startApp } from '../../support/start-app.ts'
import { serviceToken } from '../../support/story.ts'

/** Holds up this thread, which is the broker's, as a lock does. */
const standStill = (forMs: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs)

const soon = (act: () => void) => new Promise<void>(resolve => setTimeout(() => resolve(act()), 50))

test('a canary notices a broker that stands still for 60 ms each time', async () => {
  await using running = await startApp()
  await using canary = await startCanary(running)
  const stalled = canary.stayHealthyWhile(() => soon(() => standStill(60)), { most: 4 })
  await expect(stalled).rejects.toThrow('the longest turn in ms')
})

test('a canary notices one turn of 60 ms when the abuse can be made only once', async () => {
  await using running = await startApp()
  await using canary = await startCanary(running)
  const stalled = canary.stayHealthyWhile(() => soon(() => standStill(60)), { least: 1, most: 1 })
  await expect(stalled).rejects.toThrow('the longest turn in ms')
})

test('a canary lets pass what happens only once in a while, and 10 ms each time', async () => {
  await using running = await startApp()
  await using canary = await startCanary(running)
  await canary.stayHealthyWhile(n => soon(() => standStill(n === 0 ? 60 : 10)))
})

test('a healthy pair notices a broker that stands still for 60 ms again and again, and lets pass what happens once', async () => {
  await using running = await startApp()
  using pair = await connectHealthyPair(running)
  await expect(pair.stayHealthyWhile(() => soon(() => standStill(60)))).rejects.toThrow('to be less than')
  let n = 0
  await pair.stayHealthyWhile(() => soon(() => standStill(n++ === 0 ? 60 : 10)))
})

test('a canary is well beside a flood from another process', async () => {
  await using running = await startApp({ limits: { messagesPerSecond: 1000 } })
  await using canary = await startCanary(running)
  await using abuser = await startAbuser()
  const flood = {
    port: running.app.ports.mqtt,
    token: await serviceToken(running),
    topic: 'app/flood',
    payloadBytes: 100,
    qos: 0,
    forMs: 500,
  } as const
  let sent = 0
  await canary.stayHealthyWhile(async () => {
    sent += await abuser.call('flood', flood)
  })
  expect(sent).toBeGreaterThan(1000)
})
