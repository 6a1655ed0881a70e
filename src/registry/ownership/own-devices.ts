import type { DeviceStore } from '../../domain/device.ts'
import type { Events } from '../../domain/events.ts'
import type { Orders } from '../../domain/orders.ts'
import { originOf } from '../../domain/origin.ts'
import type { OwnDevices } from '../../domain/own-devices.ts'
import { createDeviceView, type DeviceViewOptions } from '../state/device-view.ts'
import type { ReleaseDevice } from './release-device.ts'

interface Options extends DeviceViewOptions {
  readonly store: Pick<DeviceStore, 'memberships' | 'namedMembersOf' | 'removeMember'>
  readonly release: ReleaseDevice
  readonly events: Events
  readonly orders: Orders
}

/** {@link OwnDevices} of the registry. */
export function createOwnDevices({ store, release, events, orders, ...shown }: Options): OwnDevices {
  const view = createDeviceView(shown)
  return {
    owned: async userId => (await store.memberships(userId)).filter(({ role }) => role === 'owner').length,

    async exported(userId) {
      const found = []
      for (const membership of await store.memberships(userId)) {
        const { model: _, ...device } = view(membership)
        const members = device.role === 'owner' ? await store.namedMembersOf(device.id) : []
        found.push({
          ...device,
          members: members.map(({ username, role, sinceMs }) => ({ username, role, since: sinceMs })),
        })
      }
      return found
    },

    async giveUp(userId, by) {
      for (const { device, role } of await store.memberships(userId)) {
        if (role === 'owner') await release(device.id, userId, by)
        else {
          const removed = await store.removeMember(device.id, userId, userId)
          if (typeof removed === 'string') continue
          const obeyed = [orders.give('grant-changed', { deviceId: device.id, userId, role: null })]
          if (removed.ownerId !== undefined)
            obeyed.push(orders.give('device-changed', { deviceId: device.id, userId: removed.ownerId }))
          const target = { kind: 'device', id: device.id } as const
          events.emit('acted', { ...originOf(by), kind: 'member-removed', target, detail: `user:${userId}` })
          await Promise.all(obeyed)
        }
      }
    },
  }
}
