import { expect, test } from 'vitest'
import { startDemo } from '../../../src/cli/start/demo.ts'
import { startApp } from '../../support/start-app.ts'
import { registerUser } from '../../support/story.ts'

test('a demo device that was removed is added again by its code, which holds its button by itself', async () => {
  await using running = await startApp()
  const demo = await startDemo(running.config, running.app)
  const [, code = ''] = /demo-lamp +claim code (\S+)/.exec(demo.text) ?? []
  const { client } = await registerUser(running, 'alice')
  await using alice = client
  const claim = async () => (await alice.request('device/claim', { deviceId: 'demo-lamp', code })).code
  expect(await claim()).toBe(0)
  expect(await alice.request('device/release', { deviceId: 'demo-lamp' })).toMatchObject({ code: 0 })
  await expect.poll(claim, { interval: 500 }).toBe(0)
  // Its owner keeps it.
  expect(await claim()).toBe(2003)
  await demo.stop()
})
