import { describe, expect, test } from 'vitest'
import { createOrders } from '../../../../src/bus/create-orders.ts'
import { localBus } from '../../../../src/bus/local-bus.ts'
import { createEvents } from '../../../../src/domain/events.ts'
import type { Acceptance, Invitation, InvitationStore } from '../../../../src/domain/invitation.ts'
import type { UserPrincipal } from '../../../../src/domain/principal.ts'
import type { RequestContext } from '../../../../src/domain/request.ts'
import { deviceViewSchema } from '../../../../src/protocol/operations/device.ts'
import { hashSecret } from '../../../../src/registry/enrollment/secret-hash.ts'
import { createInvitationLimits } from '../../../../src/registry/ownership/invitation-limits.ts'
import { createSharingHandlers } from '../../../../src/registry/ownership/sharing-handlers.ts'
import { createDeviceView } from '../../../../src/registry/state/device-view.ts'
import { createFakeDeviceStore } from '../fake-device-store.ts'
import { models } from '../models.ts'

const as = (userId: string): RequestContext<'user'> => {
  const token = { id: 't', expiresAtMs: 0 }
  const principal: UserPrincipal = { kind: 'user', userId, username: userId, grants: new Map(), token }
  return {
    clientId: `phone-of-${userId}`,
    address: '127.0.0.1',
    principal,
    mayHold: async () => true,
    become: () => 'done',
  }
}

const nowMs = 1_000_000
const text = Buffer.alloc(16, 0xfb).toString('base64url')

/** `lamp1` is ann's, ben controls it, cem views it. What the store of invitations answers is up to the test. */
function setUp(answers: {
  invite?: Awaited<ReturnType<InvitationStore['invite']>>
  accept?: Acceptance['membership']['role'] | 'void' | 'own'
}) {
  const devices = createFakeDeviceStore()
  const events = createEvents()
  const orders = createOrders(events, localBus)
  const log: unknown[] = []
  for (const name of ['device-shared', 'grant-changed', 'device-changed'] as const) {
    events.on(name, (payload: object) => log.push([name, payload]))
  }
  devices.add({ id: 'lamp1', name: 'Lamp' })
  devices.members.set('lamp1', [
    { userId: 'ann', role: 'owner' },
    { userId: 'ben', role: 'controller' },
    { userId: 'cem', role: 'viewer' },
  ])
  const kept: [Invitation, number][] = []
  const asked: string[] = []
  const { accept = 'void', invite = 'invited' } = answers
  const handlers = createSharingHandlers({
    devices,
    invitations: {
      invite: async (invitation, most) => {
        kept.push([invitation, most])
        return invite
      },
      read: async () => undefined,
      openOf: async () => [],
      withdraw: async () => 'unknown',
      accept: async (hash, userId) => {
        asked.push(`${userId} ${hash}`)
        if (accept === 'void' || accept === 'own') return accept
        const device = await devices.deviceById('lamp1')
        if (!device) return 'void'
        return { membership: { device, role: accept }, giverId: 'ann' }
      },
    },
    view: createDeviceView({
      models,
      states: { of: () => ({ on: true }) },
      presence: { of: () => ({ online: true, sinceMs: 7 }) },
    }),
    events,
    orders,
    now: () => nowMs,
    limits: createInvitationLimits({ user: { points: 3, durationSeconds: 60 } }),
    random: size => Buffer.alloc(size, 0xfb),
  })
  const accepts = (userId: string) => handlers['device/accept']({ invitation: text }, as(userId))
  const revokes = (by: string, userId: string) => handlers['device/revoke']({ deviceId: 'lamp1', userId }, as(by))
  return { devices, handlers, kept, asked, log, accepts, revokes }
}

describe('device/share', () => {
  const request = { deviceId: 'lamp1', role: 'viewer' } as const

  test('answers 128 random bits, and keeps only their hash', async () => {
    const { handlers, kept, log } = setUp({})
    expect(await handlers['device/share']({ ...request, ttl: 60 }, as('ann'))).toEqual({
      invitation: text,
      invitationId: hashSecret(text).slice(0, 16),
      expiresAt: nowMs + 60_000,
    })
    const kind = { deviceId: 'lamp1', ownerId: 'ann', role: 'viewer' }
    expect(kept).toEqual([[{ ...kind, hash: hashSecret(text), expiresAtMs: nowMs + 60_000 }, 20]])
    expect(JSON.stringify([kept, log])).not.toContain(text)
    expect(log).toEqual([['device-shared', { deviceId: 'lamp1', userId: 'ann', role: 'viewer' }]])
  })

  test('is open for a day when nothing else is said', async () => {
    const { handlers } = setUp({})
    expect(await handlers['device/share'](request, as('ann'))).toMatchObject({ expiresAt: nowMs + 86_400_000 })
  })

  test.each([
    ['not-member', { refused: 2001 }],
    ['not-owner', { refused: 4003 }],
    [{ fullUntilMs: nowMs + 1500 }, { refused: 4029, retryAfterSeconds: 2 }],
    [{ fullUntilMs: nowMs - 5 }, { refused: 4029, retryAfterSeconds: 1 }],
  ] as const)('%j is a refusal, and nothing was shared', async (invite, refusal) => {
    const { handlers, log } = setUp({ invite })
    expect(await handlers['device/share'](request, as('ann'))).toMatchObject(refusal)
    expect(log).toEqual([])
  })
})

describe('device/accept', () => {
  test('answers the device, tells the user, and the owner that there is somebody new', async () => {
    const { accepts, asked, log } = setUp({ accept: 'controller' })
    expect(deviceViewSchema.parse(await accepts('dan'))).toMatchObject({
      id: 'lamp1',
      role: 'controller',
      online: true,
    })
    expect(asked).toEqual([`dan ${hashSecret(text)}`])
    expect(log).toEqual([
      ['grant-changed', { deviceId: 'lamp1', userId: 'dan', role: 'controller' }],
      ['device-changed', { deviceId: 'lamp1', userId: 'ann' }],
    ])
  })

  test('of an ownership ends the former one first', async () => {
    const { accepts, log } = setUp({ accept: 'owner' })
    expect(await accepts('dan')).toMatchObject({ role: 'owner' })
    expect(log).toEqual([
      ['grant-changed', { deviceId: 'lamp1', userId: 'ann', role: null }],
      ['grant-changed', { deviceId: 'lamp1', userId: 'dan', role: 'owner' }],
    ])
  })

  test('is 2006 for what is no invitation, and tells nobody', async () => {
    const { accepts, log } = setUp({ accept: 'void' })
    expect(await accepts('dan')).toEqual({ refused: 2006 })
    expect(log).toEqual([])
  })

  test('is 4003 for the owner', async () => {
    const { accepts, log } = setUp({ accept: 'own' })
    expect(await accepts('ann')).toMatchObject({ refused: 4003, detail: expect.stringContaining('yours') })
    expect(log).toEqual([])
  })

  test('a user who guesses is told to slow down and the store is not asked; others are not', async () => {
    const { accepts, asked } = setUp({ accept: 'void' })
    for (let i = 0; i < 3; i++) expect(await accepts('eve')).toEqual({ refused: 2006 })
    expect(await accepts('eve')).toEqual({ refused: 4029, retryAfterSeconds: 60 })
    expect(asked).toHaveLength(3)
    expect(await accepts('dan')).toEqual({ refused: 2006 })
  })

  test('guesses at the same time are counted too', async () => {
    const { accepts } = setUp({ accept: 'void' })
    const answers = await Promise.all(Array.from({ length: 10 }, () => accepts('eve')))
    expect(answers.filter(answer => 'refused' in answer && answer.refused === 2006)).toHaveLength(3)
  })

  test.each(['viewer', 'own'] as const)('what is an invitation (%s) is not counted', async accept => {
    const { accepts, asked } = setUp({ accept })
    for (let i = 0; i < 10; i++) await accepts('ann')
    expect(asked).toHaveLength(10)
  })
})

describe('device/members', () => {
  const members = (userId: string, deviceId = 'lamp1') => setUp({}).handlers['device/members']({ deviceId }, as(userId))

  test('names them to the owner', async () => {
    expect(await members('ann')).toEqual([
      { userId: 'ann', username: 'name of ann', role: 'owner', since: 5 },
      { userId: 'ben', username: 'name of ben', role: 'controller', since: 5 },
      { userId: 'cem', username: 'name of cem', role: 'viewer', since: 5 },
    ])
  })

  test('is the owner’s: 4003 to other members, 2001 to strangers and for devices that do not exist', async () => {
    expect(await members('ben')).toEqual({ refused: 4003 })
    expect(await members('cem')).toEqual({ refused: 4003 })
    expect(await members('eve')).toEqual({ refused: 2001 })
    expect(await members('ann', 'nothing')).toEqual({ refused: 2001 })
  })
})

describe('device/revoke', () => {
  test.each([
    ['the owner', 'ann'],
    ['the member', 'ben'],
  ])('%s ends a membership; both are told', async (_who, by) => {
    const { revokes, devices, log } = setUp({})
    expect(await revokes(by, 'ben')).toEqual({})
    expect(devices.members.get('lamp1')?.map(({ userId }) => userId)).toEqual(['ann', 'cem'])
    expect(log).toEqual([
      ['grant-changed', { deviceId: 'lamp1', userId: 'ben', role: null }],
      ['device-changed', { deviceId: 'lamp1', userId: 'ann' }],
    ])
  })

  test.each([
    ['ben', 'cem', { refused: 4003 }],
    ['ben', 'nobody', { refused: 4003 }],
    ['ann', 'ann', { refused: 4003, detail: 'an owner gives the device up by device/release' }],
    ['ann', 'nobody', { refused: 2001 }],
    ['eve', 'ben', { refused: 2001 }],
    ['eve', 'eve', { refused: 2001 }],
  ])('%s may not revoke %s: %j', async (by, userId, refusal) => {
    const { revokes, devices, log } = setUp({})
    expect(await revokes(by, userId)).toEqual(refusal)
    expect(devices.members.get('lamp1')).toHaveLength(3)
    expect(log).toEqual([])
  })
})
