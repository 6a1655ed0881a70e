import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createOrders } from '../../../src/bus/create-orders.ts'
import { localBus } from '../../../src/bus/local-bus.ts'
import { createEvents } from '../../../src/domain/events.ts'
import type { UserPrincipal } from '../../../src/domain/principal.ts'
import type { RequestContext } from '../../../src/domain/request.ts'
import { openDeviceDirectory } from '../../../src/registry/device-directory.ts'
import { createDeviceAuthenticator } from '../../../src/registry/enrollment/device-authenticator.ts'
import { createProvisioning } from '../../../src/registry/enrollment/provisioning.ts'
import { createClaimLimits } from '../../../src/registry/ownership/claim-limits.ts'
import { createDeviceHandlers } from '../../../src/registry/ownership/device-handlers.ts'
import { createReleaseDevice } from '../../../src/registry/ownership/release-device.ts'
import { createDeviceStates } from '../../../src/registry/state/device-states.ts'
import { createDeviceTraffic } from '../../../src/registry/state/device-traffic.ts'
import { createPresence } from '../../../src/registry/state/presence.ts'
import { loadThingModels } from '../../../src/registry/types/thing-models.ts'
import { openStore, type Store } from '../../../src/store/open-store.ts'
import { createMemoryStore } from '../../support/in-memory.ts'
import { retainedOn } from '../../support/store-steps.ts'
import { createFakeRetained, type FakeRetained } from '../../unit/registry/state/fake-retained.ts'

const claimLimits = createClaimLimits({
  user: { points: 5, durationSeconds: 900 },
  device: { points: 20, durationSeconds: 900 },
})

const models = await loadThingModels([join(import.meta.dirname, '../../../devices/types')])
const now = () => 5000

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-registry-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'latchkey.db')
}

async function open(file: string) {
  const store = await openStore({ file, now, pollIntervalMs: 10 })
  onTestFinished(() => store.close())
  return store
}

const provisioningOn = ({ devices, enrollment }: Store) =>
  createProvisioning({ store: devices, enrollment, models, now })

/** The registry of one running broker, wired as in src/app/app.ts. */
async function startRegistry(file: string, retained: FakeRetained, mqtt = createMemoryStore()) {
  const { devices: store, onChangedElsewhere, accounts } = await open(file)
  const events = createEvents()
  const orders = createOrders(events, localBus)
  onChangedElsewhere(() => void orders.give('store-changed-elsewhere', {}))
  const presence = createPresence({ store, retained, events, node: 'here', now })
  const directory = await openDeviceDirectory({ store, events, orders })
  directory.onAdded(presence.added)
  const states = createDeviceStates({
    store,
    kept: mqtt.states,
    put: (deviceId, tenure, state) => mqtt.commit([{ kind: 'state', deviceId, tenure, state }]),
    models,
    directory,
    events,
    now,
  })
  await Promise.all([presence.seed(), states.seed()])
  return {
    events,
    accounts,
    directory,
    states,
    mqtt,
    presence,
    traffic: createDeviceTraffic({ models, deviceType: directory.typeOf, states }),
    handlers: createDeviceHandlers({
      ...{ store, models, states, presence, directory, limits: claimLimits, events, orders, now },
      release: createReleaseDevice({ store, models, states, events, orders }),
    }),
    authenticator: createDeviceAuthenticator({ store, directory }),
  }
}

const as = (userId: string): RequestContext<'user'> => {
  const token = { id: 't', expiresAtMs: 0 }
  const principal: UserPrincipal = { kind: 'user', userId, username: userId, grants: new Map(), token }
  return { clientId: 'phone', address: '127.0.0.1', principal, mayHold: async () => true, become: () => 'done' }
}

test('a device lives: added elsewhere, connected, claimed, reporting, through a crash, released', async () => {
  const file = await temporaryFile()
  const retained = createFakeRetained()
  const broker = await startRegistry(file, retained)
  const { mqtt } = broker
  await broker.accounts.createAccount({
    id: 'ann',
    username: 'ann',
    role: 'user',
    disabled: false,
    createdAtMs: 0,
    passwordHash: '-',
  })

  const commandLine = provisioningOn(await open(file))
  const added = await commandLine.addDevice({ type: 'lamp', id: 'lamp1' })
  if (typeof added === 'string') throw new Error(added)

  expect(await broker.authenticator.authenticate({ username: 'lamp1', password: added.secret, clientId: 'lamp1' })) //
    .toMatchObject({ kind: 'device', type: 'lamp' })
  broker.events.emit('device-online', { deviceId: 'lamp1' })
  expect(broker.traffic.checkCommand({ deviceId: 'lamp1', payload: Buffer.from('{"on":true}') }).forward).toBe(true)

  await broker.handlers['device/claim']({ deviceId: 'lamp1', code: added.claimCode }, as('ann'))
  broker.traffic.reported('lamp1', Buffer.from('{"on":true,"brightness":700}'))
  await broker.presence.settled()
  expect((await retainedOn(mqtt, 'devices/lamp1/state'))?.payload.toString()).toBe('{"on":true}')

  const restarted = await startRegistry(file, retained, mqtt)
  expect(await restarted.handlers['device/list']({}, as('ann'))).toMatchObject([
    { id: 'lamp1', role: 'owner', online: false, since: 5000, state: { on: true } },
  ])
  expect(restarted.presence.of('lamp1').reason).toBe('broker-restart')

  expect(await restarted.handlers['device/release']({ deviceId: 'lamp1' }, as('ann'))).toEqual({})
  expect(await retainedOn(mqtt, 'devices/lamp1/state')).toBeUndefined()
  const afterRelease = await startRegistry(file, retained, mqtt)
  expect(afterRelease.states.of('lamp1')).toEqual({})
  expect(await afterRelease.handlers['device/list']({}, as('ann'))).toEqual([])
})

test('a device added by another process is known to a running broker before it connects', async () => {
  const file = await temporaryFile()
  const broker = await startRegistry(file, createFakeRetained())
  const commandLine = provisioningOn(await open(file))
  await commandLine.addDevice({ type: 'plug', id: 'plug1' })
  await expect.poll(() => broker.directory.typeOf('plug1')).toBe('plug')
})

test('of two users who claim at the same time, one becomes the owner', async () => {
  const file = await temporaryFile()
  const { accounts, handlers } = await startRegistry(file, createFakeRetained())
  for (const id of ['ann', 'bob']) {
    await accounts.createAccount({ id, username: id, role: 'user', disabled: false, createdAtMs: 0, passwordHash: '-' })
  }
  const added = await provisioningOn(await open(file)).addDevice({ type: 'lamp', id: 'lamp1' })
  if (typeof added === 'string') throw new Error(added)
  const claim = (userId: string) => handlers['device/claim']({ deviceId: 'lamp1', code: added.claimCode }, as(userId))
  const answers = await Promise.all([claim('ann'), claim('bob')])
  expect(answers.filter(answer => !('refused' in answer))).toHaveLength(1)
  expect(answers).toContainEqual({ refused: 2003 })
})
