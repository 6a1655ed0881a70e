import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import type { createLocks } from '../../support/abuse/hold-lock.ts'
import { startElsewhere } from '../../support/processes/elsewhere.ts'
import { startApp } from '../../support/start-app.ts'
import { ownerOf, serviceToken } from '../../support/story.ts'

const startLocks = () =>
  startElsewhere<ReturnType<typeof createLocks>>(
    new URL('../../support/abuse/hold-lock.ts', import.meta.url),
    'createLocks',
  )

test('another process that locks latchkey.db for four seconds delays no message, whoever connects and sends requests meanwhile', {
  timeout: 120_000,
}, async () => {
  await using running = await startApp()
  const { client } = await ownerOf(running, 'lamp-1', 'lamp')
  await using owner = client
  const token = await serviceToken(running)
  await using abuser = await startAbuser()
  await using locks = await startLocks()
  await using canary = await startCanary(running)
  const codes: number[] = []
  await canary.stayHealthyWhile(
    async n => {
      await locks.call('hold', join(running.config.dataDir, 'latchkey.db'), 'begin immediate')
      const held = setTimeout(4000)
      const renaming = owner.request('device/rename', { deviceId: 'lamp-1', name: `name ${n}` })
      // Few at once: what many connects at once cost is another test's to say.
      for (let first = 0; first < 40; first += 10)
        await abuser.call('connectFleet', running.app.ports.mqtt, 10, { tokens: token, prefix: `round-${n}`, first })
      await abuser.call('leave')
      codes.push((await renaming).code)
      await held
      await locks.call('release')
    },
    { most: 6 },
  )
  expect(new Set(codes)).toEqual(new Set([5000]))
  const onRecord = () => running.admin.store.audit.query({ who: 'pipeline', kind: 'connected', limit: 10_000 })
  await expect.poll(async () => (await onRecord()).length).toBe(codes.length * 40)
})

test('another process that holds a lock on mqtt.db holds no message at QoS 0 up', async () => {
  await using running = await startApp()
  const token = await serviceToken(running)
  await using abuser = await startAbuser()
  await using locks = await startLocks()
  await using canary = await startCanary(running)
  const flood = {
    port: running.app.ports.mqtt,
    token,
    topic: 'app/flood',
    payloadBytes: 100,
    qos: 1,
    forMs: 500,
  } as const
  await canary.stayHealthyWhile(async () => {
    await locks.call('hold', join(running.config.dataDir, 'mqtt.db'), 'begin immediate')
    await Promise.all([setTimeout(1000), abuser.call('flood', flood)])
    await locks.call('release')
  })
})
