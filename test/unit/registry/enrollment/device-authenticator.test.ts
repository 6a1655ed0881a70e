import { expect, test } from 'vitest'
import type { DevicePrincipal } from '../../../../src/domain/principal.ts'
import { createDeviceAuthenticator } from '../../../../src/registry/enrollment/device-authenticator.ts'
import { hashSecret } from '../../../../src/registry/enrollment/secret-hash.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'

function setUp() {
  const store = createFakeDeviceStore()
  store.add({ id: 'lamp1' })
  const learnt: string[] = []
  const directory = {
    typeOf: (id: string) => (id === 'in-memory' ? 'lamp' : undefined),
    learn: ({ id }: { id: string }) => void learnt.push(id),
  }
  const authenticator = createDeviceAuthenticator({ store, directory })
  const connect = (id: string, password: string, clientId = id) =>
    authenticator.authenticate({ username: id, password, clientId })
  /** The principal of a session that was let in. */
  const open = async (id: string, secret: string): Promise<DevicePrincipal> => {
    const answer = await connect(id, secret)
    if (typeof answer === 'string') throw new Error(answer)
    return answer
  }
  return { store, authenticator, connect, open, learnt }
}
const lamp1: DevicePrincipal = { kind: 'device', deviceId: 'lamp1', type: 'lamp' }

test('the right secret is the device', async () => {
  const { connect, learnt } = setUp()
  expect(await connect('lamp1', 'secret-of-lamp1')).toEqual(lamp1)
  expect(learnt).toEqual(['lamp1'])
})

test('a wrong secret and an unknown device have the same answer', async () => {
  const { connect, learnt } = setUp()
  expect(await connect('lamp1', 'secret-of-lamp2')).toBe('bad-credentials')
  expect(await connect('lamp1', '')).toBe('bad-credentials')
  expect(await connect('nobody', 'secret-of-nobody')).toBe('bad-credentials')
  expect(learnt).toEqual([])
})

test('the stored hash is not the secret', async () => {
  const { connect } = setUp()
  expect(await connect('lamp1', hashSecret('secret-of-lamp1'))).toBe('bad-credentials')
})

test('a hash that was damaged in the store lets nobody in', async () => {
  const { store, connect } = setUp()
  await store.setCredentials('lamp1', { secretHash: '' })
  expect(await connect('lamp1', '')).toBe('bad-credentials')
})

test('the client id must be the device id', async () => {
  const { connect } = setUp()
  expect(await connect('lamp1', 'secret-of-lamp1', 'other')).toBe('identifier-mismatch')
})

test('only the right secret learns that a device is disabled', async () => {
  const { store, connect } = setUp()
  await store.setDeviceDisabled('lamp1', true)
  expect(await connect('lamp1', 'secret-of-lamp1')).toBe('device-disabled')
  expect(await connect('lamp1', 'wrong')).toBe('bad-credentials')
})

test('the ids of registered devices are reserved, also those that only the store knows yet', async () => {
  const { authenticator } = setUp()
  expect(await authenticator.isReserved('lamp1')).toBe(true)
  expect(await authenticator.isReserved('in-memory')).toBe(true)
  expect(await authenticator.isReserved('phone')).toBe(false)
})

test('an open session goes on as long as nothing changed', async () => {
  const { authenticator, open } = setUp()
  const session = await open('lamp1', 'secret-of-lamp1')
  expect(await authenticator.recheck(session)).toBe(session)
})

test('an open session ends when the device is disabled, given a new secret, or gone', async () => {
  const { store, authenticator, open } = setUp()
  const session = await open('lamp1', 'secret-of-lamp1')
  await store.setDeviceDisabled('lamp1', true)
  expect(await authenticator.recheck(session)).toBe('device-disabled')
  await store.setDeviceDisabled('lamp1', false)
  await store.setCredentials('lamp1', { secretHash: hashSecret('new') })
  expect(await authenticator.recheck(session)).toBe('bad-credentials')
  const next = await open('lamp1', 'new')
  expect(await authenticator.recheck(session)).toBe('bad-credentials')
  expect(await authenticator.recheck(next)).toBe(next)
  store.devices.delete('lamp1')
  expect(await authenticator.recheck(next)).toBe('bad-credentials')
})

test('a certificate stands in for user name and password, and its session outlives a new secret', async () => {
  const { store, authenticator, learnt } = setUp()
  const come = (commonName: string, clientId = commonName) =>
    authenticator.authenticate({ username: '', password: '', clientId, certificate: { commonName } })
  const session = await come('lamp1')
  if (typeof session === 'string') throw new Error(session)
  expect(session).toEqual(lamp1)
  expect(learnt).toEqual(['lamp1'])
  expect(await come('lamp1', 'other')).toBe('identifier-mismatch')
  expect(await come('nobody')).toBe('bad-credentials')
  await store.setCredentials('lamp1', { secretHash: hashSecret('new') })
  expect(await authenticator.recheck(session)).toBe(session)
  await store.setDeviceDisabled('lamp1', true)
  expect(await authenticator.recheck(session)).toBe('device-disabled')
  expect(await come('lamp1')).toBe('device-disabled')
  store.devices.delete('lamp1')
  expect(await authenticator.recheck(session)).toBe('bad-credentials')
})

test('a principal that nobody let in may not go on', async () => {
  const { authenticator } = setUp()
  expect(await authenticator.recheck({ ...lamp1 })).toBe('bad-credentials')
})
