import { expect, test } from 'vitest'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { connectClient, connectGuest, connectWithToken, wechatCode } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, ownerOf, registerUser } from '../support/story.ts'

const wrong = passwordDigest('wrong')
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

test('a wrong password and an unknown user get the same answer, after the same time', async () => {
  const points = { points: 1_000_000, durationSeconds: 60 }
  await using running = await startApp({
    passwordCost: { memoryKib: 32_768, passes: 2, lanes: 1 },
    configure: c => ({
      ...c,
      signIn: { password: points, address: points, registration: points, wechat: points },
    }),
  })
  const { client: alice } = await registerUser(running, 'alice')
  await using guest = await connectGuest(running.wsUrl)
  const times: Record<string, number[]> = { alice: [], nobody: [] }
  for (let i = 0; i < 9; i++) {
    for (const [username, took] of Object.entries(times)) {
      const startedAt = performance.now()
      const { id: _id, ...reply } = { id: '', ...(await guest.request('auth/signin', { username, password: wrong })) }
      took.push(performance.now() - startedAt)
      expect(reply).toMatchObject({ code: 1, msg: 'wrong user name or password', data: null })
    }
  }
  const bound = await guest.request('auth/bind', { username: 'nobody', password: wrong, code: wechatCode('m') })
  expect(bound).toMatchObject({ code: 1, data: null })
  const ratio = median(times.nobody ?? []) / median(times.alice ?? [])
  expect(ratio).toBeGreaterThan(1 / 3) // without the computation it is a tenth and less
  expect(ratio).toBeLessThan(3)
  await alice[Symbol.asyncDispose]()
})

test('a device that does not exist and one with another secret are refused alike; so is claiming and asking for what is not yours', async () => {
  await using running = await startApp()
  await addDevice(running, 'lamp', 'lamp-1')
  const { client: owner } = await ownerOf(running, 'owned', 'lamp')
  const { client: mallory } = await registerUser(running, 'mallory')
  for (const id of ['lamp-1', 'no-such']) {
    const connecting = connectClient(running.mqttUrl, { clientId: id, username: id, password: 'wrong' })
    await expect(connecting, id).rejects.toMatchObject({ code: 4 })
  }
  for (const operation of ['device/release', 'device/rename', 'device/members', 'device/share'] as const) {
    const ask = async (deviceId: string) => {
      const { code, msg, data } = await mallory.request(operation, { deviceId, name: 'x', role: 'viewer' })
      return { code, msg, data }
    }
    expect(await ask('owned'), operation).toEqual(await ask('no-such'))
  }
  for (const one of [owner, mallory]) await one[Symbol.asyncDispose]()
})

test("somebody with an account can find out that an id is a device's, at the pace of claims, and gains nothing by it", async () => {
  const user = { points: 4, durationSeconds: 600 }
  await using running = await startApp({ configure: c => ({ ...c, claim: { ...c.claim, user } }) })
  await addDevice(running, 'lamp', 'lamp-1')
  const { client: owner } = await ownerOf(running, 'owned', 'lamp')
  const { client: mallory, token } = await registerUser(running, 'mallory')
  for (const id of ['lamp-1', 'owned'])
    await expect(connectWithToken(running.mqttUrl, token, { clientId: id }), id).rejects.toMatchObject({ code: 2 })
  const claim = async (deviceId: string) => {
    const { code, data } = await mallory.request('device/claim', { deviceId, code: 'AAAA-AAAA' })
    return code === 4029 ? code : [code, data]
  }
  expect(await claim('lamp-1')).toEqual([2002, null])
  expect(await claim('owned')).toEqual([2003, null])
  for (const id of ['no-such', 'neither']) expect(await claim(id)).toEqual([2001, null])
  for (const id of ['lamp-1', 'owned', 'no-such']) expect(await claim(id)).toBe(4029)
  for (const one of [owner, mallory]) await one[Symbol.asyncDispose]()
})
