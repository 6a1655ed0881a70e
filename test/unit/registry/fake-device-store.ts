import type { Device, DeviceCredentials, DeviceStore, KeptPresence } from '../../../src/domain/device.ts'
import type { JsonObject } from '../../../src/domain/json.ts'
import type { DeviceRole } from '../../../src/protocol/operations/device.ts'
import { hashClaimCode } from '../../../src/registry/enrollment/claim-code.ts'
import { hashSecret } from '../../../src/registry/enrollment/secret-hash.ts'

/** A {@link DeviceStore} in memory, whose tables are open to tests. */
export interface FakeDeviceStore extends DeviceStore {
  readonly devices: Map<string, Device & DeviceCredentials>
  readonly members: Map<string, { userId: string; role: DeviceRole }[]>
  readonly savedPresences: Map<string, KeptPresence>
  readonly tenuresOf: Map<string, string>
  readonly earlierStatesOf: Map<string, JsonObject>
  /** Adds a device whose secret is `secret-of-{id}` and whose claim code is `ABCD-0123`. */
  add(device: Partial<Device> & { id: string }): void
}

export function createFakeDeviceStore(): FakeDeviceStore {
  const devices = new Map<string, Device & DeviceCredentials>()
  const members = new Map<string, { userId: string; role: DeviceRole }[]>()
  const savedPresences = new Map<string, KeptPresence>()
  const tenuresOf = new Map<string, string>()
  const earlierStatesOf = new Map<string, JsonObject>()
  const change = (id: string, changes: Partial<Device & DeviceCredentials>) => {
    const device = devices.get(id)
    if (device) devices.set(id, { ...device, ...changes })
  }
  return {
    devices,
    members,
    savedPresences,
    tenuresOf,
    earlierStatesOf,
    add(device) {
      tenuresOf.set(device.id, '')
      devices.set(device.id, {
        type: 'lamp',
        name: `name of ${device.id}`,
        disabled: false,
        createdAtMs: 0,
        secretHash: hashSecret(`secret-of-${device.id}`),
        claimHash: hashClaimCode('ABCD-0123'),
        ...device,
      })
    },
    async createDevice(device, credentials) {
      if (devices.has(device.id)) return false
      devices.set(device.id, { ...device, ...credentials })
      tenuresOf.set(device.id, `first of ${device.id}`)
      return true
    },
    async deviceById(id) {
      const found = devices.get(id)
      return found && { ...found, tenure: tenuresOf.get(id) ?? '' }
    },
    tenures: async () => new Map(tenuresOf),
    devicesById: async ids => new Map([...devices].filter(([id]) => ids.includes(id))),
    devicesAfter: async (afterId, atMost) =>
      [...devices.values()]
        .filter(({ id }) => id > afterId)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, atMost),
    listDevices: async () => [...devices.values()],
    setDeviceDisabled: async (id, disabled) => change(id, { disabled }),
    setCredentials: async (id, credentials) => change(id, credentials),
    async renameDevice(id, ownerId, name) {
      const isOwner = (members.get(id) ?? []).some(({ userId, role }) => userId === ownerId && role === 'owner')
      if (isOwner) change(id, { name })
      return isOwner
    },
    async memberships(accountId) {
      return [...devices.values()].flatMap(device =>
        (members.get(device.id) ?? []).filter(m => m.userId === accountId).map(({ role }) => ({ device, role })),
      )
    },
    membersOf: async id => members.get(id) ?? [],
    async claim(id, userId) {
      const already = members.get(id) ?? []
      if (already.some(member => member.role === 'owner')) return 'owned'
      members.set(id, [...already, { userId, role: 'owner' }])
      change(id, { claimHash: null })
      return 'claimed'
    },
    offer: async () => ({ untilMs: null }),
    async changeRole(id, userId, _by, role) {
      const others = (members.get(id) ?? []).filter(member => member.userId !== userId)
      members.set(id, [...others, { userId, role }])
      return 'changed'
    },
    async namedMembersOf(id) {
      return (members.get(id) ?? []).map(member => ({ ...member, username: `name of ${member.userId}`, sinceMs: 5 }))
    },
    async removeMember(id, userId, by) {
      const now = members.get(id) ?? []
      const roles = new Map(now.map(member => [member.userId, member.role]))
      if (!roles.has(by)) return 'not-member'
      if (roles.get(by) !== 'owner' && userId !== by) return 'not-owner'
      if (!roles.has(userId)) return 'not-member'
      if (roles.get(userId) === 'owner') return 'owner'
      members.set(
        id,
        now.filter(member => member.userId !== userId),
      )
      return { ownerId: now.find(member => member.role === 'owner')?.userId }
    },
    async release(id, ownerId, name) {
      const former = members.get(id) ?? []
      if (!former.some(member => member.userId === ownerId && member.role === 'owner')) return undefined
      members.delete(id)
      change(id, { name, claimHash: null })
      const tenure = `${tenuresOf.get(id)}+`
      tenuresOf.set(id, tenure)
      return { members: former, tenure }
    },
    presences: async () => new Map(savedPresences),
    async savePresences(presences) {
      for (const [id, presence] of presences) savedPresences.set(id, presence)
    },
    earlierStates: async () => new Map(earlierStatesOf),
    dropEarlierStates: async () => earlierStatesOf.clear(),
  }
}
