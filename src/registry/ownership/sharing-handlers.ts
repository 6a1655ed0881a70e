import { randomBytes } from 'node:crypto'
import type { DeviceStore, Membership } from '../../domain/device.ts'
import type { Events } from '../../domain/events.ts'
import { type InvitationStore, invitationIdOf } from '../../domain/invitation.ts'
import type { Orders } from '../../domain/orders.ts'
import { type Origin, originOf } from '../../domain/origin.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers } from '../../domain/request.ts'
import type { AttemptLimit } from '../../limits/attempt-limit.ts'
import { networkOf } from '../../network/counted-networks.ts'
import type { DeviceView } from '../../protocol/operations/device.ts'
import { invitationTtl, type sharingOperations } from '../../protocol/operations/sharing.ts'
import { hashSecret } from '../enrollment/secret-hash.ts'

interface Options {
  readonly devices: Pick<DeviceStore, 'membersOf' | 'namedMembersOf' | 'removeMember' | 'changeRole'>
  readonly invitations: InvitationStore
  readonly view: (of: Membership) => DeviceView
  readonly events: Events
  readonly orders: Orders
  readonly now: Clock
  /** Limits wrong invitations, by the ids of users. */
  readonly limits: AttemptLimit<string>
  /** That many random bytes. */
  readonly random?: (size: number) => Uint8Array
}

type SharingDeed =
  | 'device-shared'
  | 'invitation-accepted'
  | 'invitation-withdrawn'
  | 'member-role-changed'
  | 'member-removed'
type SharingHandlers = Handlers<keyof typeof sharingOperations>

const invitationBytes = 16
const openPerDevice = 20

/**
 * The operations of sharing, for owners and for the people they share with. Orders are given in the turn that learns of the commit, without
 * awaiting anything in between, so that of two simultaneous changes the later commit is also obeyed later.
 */
export function createSharingHandlers({
  devices,
  invitations,
  view,
  events,
  orders,
  now,
  limits,
  random = randomBytes,
}: Options): SharingHandlers {
  function acted(by: Origin, kind: SharingDeed, id: string, detail: string): void {
    events.emit('acted', { ...originOf(by), kind, target: { kind: 'device', id }, detail })
  }

  return {
    async 'device/share'({ deviceId, role, ttl = invitationTtl.usual }, context) {
      const { userId } = context.principal
      const invitation = Buffer.from(random(invitationBytes)).toString('base64url')
      const expiresAtMs = now() + ttl * 1000
      const hash = hashSecret(invitation)
      const invited = await invitations.invite({ hash, deviceId, ownerId: userId, role, expiresAtMs }, openPerDevice)
      if (invited === 'not-member') return refuse(2001)
      if (invited === 'not-owner') return refuse(4003)
      if (invited !== 'invited') return tooMany(invited.fullUntilMs - now())
      events.emit('device-shared', { deviceId, userId, role })
      acted(context, 'device-shared', deviceId, role)
      return { invitation, invitationId: invitationIdOf(hash), expiresAt: expiresAtMs }
    },

    async 'device/invitation'({ invitation }, { principal, address }) {
      const asker = principal.kind === 'user' ? principal.userId : `guest of ${networkOf(address)}`
      const limited = await limits.spend(asker)
      if (limited) return limited
      const offer = await invitations.read(hashSecret(invitation))
      if (!offer) return refuse(2006)
      limits.refund(asker)
      const { device, role, inviter, expiresAtMs } = offer
      return { deviceName: device.name, type: device.type, role, inviter, expiresAt: expiresAtMs }
    },

    async 'device/invitations'({ deviceId }, { principal: { userId } }) {
      const own = (await devices.membersOf(deviceId)).find(member => member.userId === userId)
      if (!own) return refuse(2001)
      if (own.role !== 'owner') return refuse(4003)
      return (await invitations.openOf(deviceId)).map(({ id, role, expiresAtMs }) => ({
        invitationId: id,
        role,
        expiresAt: expiresAtMs,
      }))
    },

    async 'device/withdraw'({ deviceId, invitationId }, context) {
      const withdrawn = await invitations.withdraw(deviceId, context.principal.userId, invitationId)
      if (withdrawn === 'not-member') return refuse(2001)
      if (withdrawn === 'not-owner') return refuse(4003)
      if (withdrawn === 'unknown') return refuse(3001)
      acted(context, 'invitation-withdrawn', deviceId, invitationId)
      return {}
    },

    async 'device/role'({ deviceId, userId, role }, context) {
      const changed = await devices.changeRole(deviceId, userId, context.principal.userId, role)
      if (changed === 'not-member') return refuse(2001)
      if (changed === 'not-owner') return refuse(4003)
      if (changed === 'owner') return refuse(4003, { detail: 'an owner hands the device over by device/share' })
      const obeyed = [
        orders.give('grant-changed', { deviceId, userId, role }),
        orders.give('device-changed', { deviceId, userId: context.principal.userId }),
      ]
      acted(context, 'member-role-changed', deviceId, `user:${userId} ${role}`)
      await Promise.all(obeyed)
      return {}
    },

    async 'device/accept'({ invitation }, context) {
      const { userId } = context.principal
      const limited = await limits.spend(userId)
      if (limited) return limited
      const accepted = await invitations.accept(hashSecret(invitation), userId)
      if (accepted === 'void') return refuse(2006)
      if (accepted !== 'own') {
        const { membership, giverId } = accepted
        const { device, role } = membership
        // The old owner loses the device before the new one hears of it.
        const obeyed =
          role === 'owner' ? [orders.give('grant-changed', { deviceId: device.id, userId: giverId, role: null })] : []
        obeyed.push(orders.give('grant-changed', { deviceId: device.id, userId, role }))
        if (role !== 'owner') obeyed.push(orders.give('device-changed', { deviceId: device.id, userId: giverId }))
        acted(context, 'invitation-accepted', device.id, `${role}, given by user:${giverId}`)
        await Promise.all(obeyed)
      }
      limits.refund(userId)
      return accepted === 'own' ? refuse(4003, { detail: 'the device is already yours' }) : view(accepted.membership)
    },

    async 'device/members'({ deviceId }, { principal: { userId } }) {
      const members = await devices.namedMembersOf(deviceId)
      const own = members.find(member => member.userId === userId)
      if (!own) return refuse(2001)
      if (own.role !== 'owner') return refuse(4003)
      return members.map(({ sinceMs, ...member }) => ({ ...member, since: sinceMs }))
    },

    async 'device/revoke'({ deviceId, userId }, context) {
      const removed = await devices.removeMember(deviceId, userId, context.principal.userId)
      if (removed === 'not-member') return refuse(2001)
      if (removed === 'not-owner') return refuse(4003)
      if (removed === 'owner') return refuse(4003, { detail: 'an owner gives the device up by device/release' })
      const obeyed = [orders.give('grant-changed', { deviceId, userId, role: null })]
      if (removed.ownerId !== undefined)
        obeyed.push(orders.give('device-changed', { deviceId, userId: removed.ownerId }))
      acted(context, 'member-removed', deviceId, `user:${userId}`)
      await Promise.all(obeyed)
      return {}
    },
  }
}

const tooMany = (waitMs: number) =>
  refuse(4029, {
    detail: `at most ${openPerDevice} open invitations for a device`,
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
  })
