import type { Events } from '../../domain/events.ts'
import type { Listings } from '../../domain/listings.ts'
import type { DeviceSetup } from '../../domain/operator-ports.ts'
import type { Orders } from '../../domain/orders.ts'
import { type Origin, originOf } from '../../domain/origin.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Handlers } from '../../domain/request.ts'
import { claimLink } from '../../protocol/claim-link.ts'
import type { AuditKind } from '../../protocol/operations/audit.ts'

interface Options {
  readonly devices: DeviceSetup
  readonly listings: Pick<Listings, 'devices'>
  readonly events: Events
  readonly orders: Orders
  /** The beginning of claim links, if configured. */
  readonly publicUrl: string | undefined
}

type DeviceOperations =
  | 'ops/devices'
  | 'ops/device/add'
  | 'ops/device/reset'
  | 'ops/device/disable'
  | 'ops/device/enable'

/** Lets operators manage devices. */
export function createDeviceOperations({
  devices,
  listings,
  events,
  orders,
  publicUrl,
}: Options): Handlers<DeviceOperations> {
  const acted = (by: Origin, kind: AuditKind, id: string) =>
    void events.emit('acted', { ...originOf(by), kind, target: { kind: 'device', id } })

  return {
    async 'ops/devices'(page) {
      const { total, rows } = await listings.devices(page)
      return {
        total,
        devices: rows.map(({ id, type, name, disabled, createdAtMs, owner, online, sinceMs }) => {
          return { id, type, name, disabled, createdAt: createdAtMs, owner, online, since: sinceMs }
        }),
      }
    },

    async 'ops/device/add'({ type, deviceId, name }, context) {
      const wanted = { type, ...(deviceId !== undefined && { id: deviceId }), ...(name !== undefined && { name }) }
      const added = await devices.addDevice(wanted)
      switch (added) {
        case 'taken':
          return refuse(3002, { detail: deviceId ?? '' })
        case 'unknown-type':
          return refuse(4000, { detail: 'type: there is no such device type' })
        case 'bad-id':
          return refuse(4000, { detail: 'deviceId: cannot be the id of a device' })
        case 'bad-name':
          return refuse(4000, { detail: 'name: cannot be a name' })
      }
      const obeyed = orders.give('device-added', { deviceId: added.id, type })
      acted(context, 'device/add', added.id)
      await obeyed
      const { id, secret, claimCode } = added
      return { id, type, secret, claimCode, link: claimLink(id, claimCode, publicUrl) }
    },

    async 'ops/device/reset'({ deviceId }, context) {
      const reset = await devices.resetDevice(deviceId)
      if (reset === 'unknown') return refuse(2001)
      const obeyed = orders.give('device-barred', { deviceId, reason: 'device-reset' })
      acted(context, 'device/reset', deviceId)
      await obeyed
      const { id, secret, claimCode } = reset
      return { id, secret, claimCode, link: claimCode === null ? null : claimLink(id, claimCode, publicUrl) }
    },

    async 'ops/device/disable'({ deviceId }, context) {
      if ((await devices.setDisabled(deviceId, true)) === 'unknown') return refuse(2001)
      const obeyed = orders.give('device-barred', { deviceId, reason: 'device-disabled' })
      acted(context, 'device/disable', deviceId)
      await obeyed
      return {}
    },

    async 'ops/device/enable'({ deviceId }, context) {
      if ((await devices.setDisabled(deviceId, false)) === 'unknown') return refuse(2001)
      acted(context, 'device/enable', deviceId)
      return {}
    },
  }
}
