import type { DeviceStore, Member } from '../../domain/device.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { type Origin, originOf } from '../../domain/origin.ts'
import { type Refusal, refuse } from '../../domain/refusal.ts'
import type { Clock, Handlers } from '../../domain/request.ts'
import type { DeviceView, ListedDevice } from '../../protocol/operations/device.ts'
import type { DeviceDirectory } from '../device-directory.ts'
import { isClaimCodeOf } from '../enrollment/claim-code.ts'
import type { DeviceStates } from '../state/device-states.ts'
import { createDeviceView } from '../state/device-view.ts'
import type { PresenceKeeper } from '../state/presence.ts'
import type { ThingModels } from '../types/thing-models.ts'
import type { ClaimLimits } from './claim-limits.ts'
import type { ReleaseDevice } from './release-device.ts'

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById' | 'memberships' | 'membersOf' | 'claim' | 'offer' | 'renameDevice'>
  readonly models: ThingModels
  readonly states: Pick<DeviceStates, 'of' | 'settle'>
  readonly presence: Pick<PresenceKeeper, 'of'>
  readonly directory: Pick<DeviceDirectory, 'learn'>
  readonly release: ReleaseDevice
  readonly events: Events
  readonly orders: Orders
  readonly limits: ClaimLimits
  readonly now: Clock
}

/** How long a device that offers itself can be claimed. */
const offeredMs = 120_000

type DeviceHandlers = Handlers<'device/list' | 'device/claim' | 'device/offer' | 'device/release' | 'device/rename'>

/** The operations of members on their devices. */
export function createDeviceHandlers({
  store,
  models,
  states,
  presence,
  directory,
  release,
  events,
  orders,
  limits,
  now,
}: Options): DeviceHandlers {
  const acted = (by: Origin, kind: 'device-claimed' | 'device-offered', id: string) =>
    void events.emit('acted', { ...originOf(by), kind, target: { kind: 'device', id } })
  const view = createDeviceView({ models, states, presence })

  /** Lists the members for the owner; 2001 for strangers, 4003 for other members. */
  async function membersForOwner(deviceId: string, userId: string): Promise<Member[] | Refusal<2001 | 4003>> {
    const members = await store.membersOf(deviceId)
    const own = members.find(member => member.userId === userId)
    if (!own) return refuse(2001)
    return own.role === 'owner' ? members : refuse(4003)
  }

  return {
    async 'device/list'({ models: wanted }, { principal }) {
      const views = (await store.memberships(principal.userId)).map(view)
      return wanted === 'once' ? withModelsOnce(views) : views
    },

    async 'device/claim'({ deviceId, code }, context) {
      const { userId } = context.principal
      const limited = await limits.spend({ userId, deviceId })
      if (limited) return limited
      const [device, members] = await Promise.all([store.deviceById(deviceId), store.membersOf(deviceId)])
      const isRight = isClaimCodeOf(device?.claimHash, code)
      if (!device) return refuse(2001)
      if (members.some(member => member.role === 'owner')) return refuse(2003)
      if (!isRight) return refuse(2002)
      directory.learn(device) // another process may just have added it, and commands may follow at once
      await states.settle(deviceId) // no state of a former owner is left for this one to see
      if ((await store.claim(deviceId, userId)) === 'owned') return refuse(2003)
      limits.refund({ userId, deviceId })
      events.emit('device-claimed', { deviceId, userId })
      const obeyed = orders.give('grant-changed', { deviceId, userId, role: 'owner' })
      acted(context, 'device-claimed', deviceId)
      await obeyed
      return view({ device, role: 'owner' })
    },

    async 'device/offer'(_request, context) {
      const { deviceId } = context.principal
      const offered = await store.offer(deviceId, now() + offeredMs)
      if (offered === 'owned') return refuse(2003)
      if (offered === 'no-label')
        return refuse(3001, { detail: 'the code on its label is not known: an operator must issue one' })
      acted(context, 'device-offered', deviceId)
      return { until: offered.untilMs }
    },

    async 'device/release'({ deviceId }, context) {
      const { userId } = context.principal
      const known = await membersForOwner(deviceId, userId)
      if ('refused' in known) return known
      return (await release(deviceId, userId, context)) ? {} : refuse(2001) // meanwhile handed over or released
    },

    async 'device/rename'({ deviceId, name }, { principal: { userId } }) {
      const members = await membersForOwner(deviceId, userId)
      if ('refused' in members) return members
      if (!(await store.renameDevice(deviceId, userId, name))) return refuse(2001) // meanwhile handed over or released
      await Promise.all(members.map(member => orders.give('device-changed', { deviceId, userId: member.userId })))
      return {}
    },
  }
}

/** Leaves the model of each type only with its first device. */
function withModelsOnce(views: readonly DeviceView[]): ListedDevice[] {
  const told = new Set<string>()
  return views.map(view => {
    const { model: _, ...rest } = view
    if (told.has(view.type)) return rest
    told.add(view.type)
    return view
  })
}
