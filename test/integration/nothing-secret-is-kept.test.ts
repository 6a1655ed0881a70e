import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EnrollmentRefused, enroll } from '../../devices/sdk/enroll.ts'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { topics } from '../../src/protocol/topics.ts'
import { standInOpenid } from '../../src/wechat/wechat-stand-in.ts'
import { connectClient, connectGuest, connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice } from '../support/story.ts'

test('after signing in, failing to, binding, controlling and sharing, no secret is in the log or the data folder, what is retained included', async () => {
  await using running = await startApp({ env: { LATCHKEY_LOG_LEVEL: 'trace' } })
  const device = await addDevice(running, 'lamp', 'lamp-1')
  await running.admin.administration.addAccount({ username: 'bob', password: 'battery staple', role: 'user' })
  const passwords = {
    alice: passwordDigest('correct horse'),
    bob: passwordDigest('battery staple'),
    wrong: passwordDigest('wrong guess'),
  }
  const codes = ['alice-1', 'alice-2', 'bob-1', 'bob-2', 'broken'].map(
    name => `sandbox:${name.split('-')[0]}:secretnonce-${name}`,
  )
  const [aliceRegisters = '', aliceAgain = '', bobWrong = '', bobBinds = ''] = codes

  await using lamp = await connectAsDevice(running, device)
  await lamp.subscribe(topics.set('lamp-1'))
  await using alice = await connectGuest(running.wsUrl)
  const registered = await alice.request('auth/register', {
    username: 'alice',
    password: passwords.alice,
    code: aliceRegisters,
  })
  await alice.request('auth/login', { code: aliceRegisters }) // used before: refused
  const loggedIn = await alice.request('auth/login', { code: aliceAgain })
  await using bob = await connectGuest(running.wsUrl)
  await bob.request('auth/bind', { username: 'bob', password: passwords.wrong, code: bobWrong })
  const bound = await bob.request('auth/bind', { username: 'bob', password: passwords.bob, code: bobBinds })
  expect([registered.code, loggedIn.code, bound.code]).toEqual([0, 0, 0])
  await alice.request('device/claim', { deviceId: 'lamp-1', code: 'ZZZZ-ZZZZ' })
  await alice.request('device/claim', { deviceId: 'lamp-1', code: device.claimCode })
  const invite = (ttl: number) => alice.request('device/share', { deviceId: 'lamp-1', role: 'viewer', ttl })
  const [taken, open] = [await invite(60), await invite(90)].map(
    ({ data }) => (data as { invitation: string }).invitation,
  )
  if (taken === undefined || open === undefined) throw new Error('not shared')
  expect((await bob.request('device/accept', { invitation: taken })).code).toBe(0)
  expect((await bob.request('device/accept', { invitation: taken })).code).toBe(2006)
  await alice.subscribe('devices/+/state')
  alice.mqtt.publish(topics.set('lamp-1'), '{"on":true}')
  await lamp.message(topics.set('lamp-1'))
  lamp.mqtt.publish(topics.state('lamp-1'), '{"on":true}')
  await alice.message(topics.state('lamp-1'))
  await expect(
    connectClient(running.mqttUrl, { clientId: 'lamp-1', username: 'lamp-1', password: `${device.secret}x` }),
  ).rejects.toMatchObject({ code: 4 })
  await expect(connectWithToken(running.wsUrl, `${bound.data as string}x`)).rejects.toMatchObject({ code: 4 })
  const product = await running.admin.products.enable('lamp')
  if (product === 'unknown-type') throw new Error(product)
  const rotated = await running.admin.products.rotate('lamp')
  if (rotated === 'unknown-type') throw new Error(rotated)
  const facts = { url: running.mqttUrl, type: 'lamp', serial: 'S1', productSecret: rotated.secret }
  await expect(enroll({ ...facts, productSecret: product.secret })).rejects.toThrow(EnrollmentRefused)
  const enrolled = await enroll(facts)
  await expect(enroll(facts)).rejects.toThrow(EnrollmentRefused)
  await using _enrolled = await connectAsDevice(running, { ...enrolled, id: enrolled.deviceId, claimCode: '' })
  const issued = await running.admin.provisioning.issueClaimCode(enrolled.deviceId)
  if (typeof issued === 'string') throw new Error(issued)
  const masterKey = await readFile(join(running.config.dataDir, 'keys', 'product-secrets.key'), 'utf8')
  await running.app.stop()

  const files = (await readdir(running.config.dataDir)).filter(name => /^(latchkey|mqtt)\.db/.test(name))
  const database = Buffer.concat(
    await Promise.all(files.map(name => readFile(join(running.config.dataDir, name)))),
  ).toString('latin1')
  const log = running.lines.join('')
  expect(log).toContain('lamp-1')
  expect(log).toContain('device-enrolled')
  expect(database).toContain('alice')
  expect(database).toContain('lamp-S1')
  expect(database).toContain('devices/lamp-1/presence') // retained

  const secrets = {
    ...passwords,
    'password text': 'battery staple',
    secret: device.secret,
    'product secret': rotated.secret,
    'product secret of before': product.secret,
    'master key': masterKey,
    'enrolled secret': enrolled.secret,
    'enrolled claim code': enrolled.claimCode ?? '',
    'issued claim code': issued.claimCode,
    'claim code': device.claimCode,
    'claim code without its hyphen': device.claimCode.replace('-', ''),
    'invitation that was taken up': taken,
    'open invitation': open,
    'first token': registered.data as string,
    'second token': loggedIn.data as string,
    "token's signature": (bound.data as string).split('.')[2] ?? '',
    ...Object.fromEntries(codes.map(code => [code, code])),
    nonce: 'secretnonce',
    "alice's openid": standInOpenid('alice'),
    "bob's openid": standInOpenid('bob'),
  }
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(5)
    for (const [where, text] of Object.entries({ log, database })) {
      expect(text.includes(secret), `${what} in the ${where}`).toBe(false)
    }
  }
})
