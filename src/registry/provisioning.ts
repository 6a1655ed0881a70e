import { randomBytes } from 'node:crypto'
import type { Device, DeviceStore, Presence } from '../domain/device.ts'
import type { Clock } from '../domain/request.ts'
import { displayNameSchema, isIdentifier } from '../protocol/identifiers.ts'
import type { DeviceRole } from '../protocol/operations/device.ts'
import { base32Of, formatClaimCode, hashClaimCode } from './claim-code.ts'
import { hashSecret } from './secret-hash.ts'
import type { ThingModels } from './thing-models.ts'

/** What is shown once when a device is added. */
export interface AddedDevice {
  readonly id: string
  readonly type: string
  /** 128 random bits in hex. */
  readonly secret: string
  /** `XXXX-XXXX`. */
  readonly claimCode: string
}

/** What is shown once when a device is reset. */
export interface ResetDevice {
  readonly id: string
  readonly secret: string
  /** Null while the device has an owner: a claim code is void as long as there is one. */
  readonly claimCode: string | null
}

/** A device as an operator sees it. */
export interface DeviceListing extends Device, Presence {
  readonly members: readonly { readonly userId: string; readonly role: DeviceRole }[]
}

/** What operators do with devices. Works on the store alone, whether or not the broker runs; a running one notices. */
export interface Provisioning {
  /** Without an id one is made: the type, a hyphen and eight random characters. `jwt` is no id: it is how tokens are announced. */
  addDevice(wanted: {
    readonly type: string
    readonly id?: string
    readonly name?: string
  }): Promise<AddedDevice | 'taken' | 'unknown-type' | 'bad-id' | 'bad-name'>
  /** A new secret, and a new claim code when nobody owns the device. The old ones end at once; members and state stay. */
  resetDevice(id: string): Promise<ResetDevice | 'unknown'>
  setDisabled(id: string, disabled: boolean): Promise<'done' | 'unknown'>
  listDevices(): Promise<DeviceListing[]>
}

interface Options {
  readonly store: DeviceStore
  readonly models: ThingModels
  readonly now: Clock
  /** That many random bytes. */
  readonly random?: (size: number) => Uint8Array
}

/** Only hashes of what it hands out are stored. Every method rejects only with a fault of the store. */
export function createProvisioning({ store, models, now, random = randomBytes }: Options): Provisioning {
  const makeSecret = () => Buffer.from(random(16)).toString('hex')
  const makeClaimCode = () => formatClaimCode(random(5))
  const makeId = (type: string) => `${type}-${base32Of(random(5)).toLowerCase()}`

  return {
    async addDevice({ type: typeName, id = makeId(typeName), name }) {
      const type = models.get(typeName)
      if (!type) return 'unknown-type'
      if (!isIdentifier(id) || id === 'jwt') return 'bad-id'
      const shownName = displayNameSchema.safeParse(name ?? type.model.title)
      if (!shownName.success) return 'bad-name'
      const secret = makeSecret()
      const claimCode = makeClaimCode()
      const created = await store.createDevice(
        { id, type: typeName, name: shownName.data, disabled: false, createdAtMs: now() },
        { secretHash: hashSecret(secret), claimHash: hashClaimCode(claimCode) },
      )
      return created ? { id, type: typeName, secret, claimCode } : 'taken'
    },

    async resetDevice(id) {
      if (!(await store.deviceById(id))) return 'unknown'
      const members = await store.membersOf(id)
      const secret = makeSecret()
      const claimCode = members.some(member => member.role === 'owner') ? null : makeClaimCode()
      await store.setCredentials(id, {
        secretHash: hashSecret(secret),
        claimHash: claimCode === null ? null : hashClaimCode(claimCode),
      })
      return { id, secret, claimCode }
    },

    async setDisabled(id, disabled) {
      if (!(await store.deviceById(id))) return 'unknown'
      await store.setDeviceDisabled(id, disabled)
      return 'done'
    },

    async listDevices() {
      const [devices, presences] = await Promise.all([store.listDevices(), store.presences()])
      const never: Presence = { online: false, sinceMs: 0 }
      return Promise.all(
        devices.map(async device => ({
          ...device,
          ...(presences.get(device.id) ?? never),
          members: await store.membersOf(device.id),
        })),
      )
    },
  }
}
