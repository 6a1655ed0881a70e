import { randomBytes } from 'node:crypto'
import type { Device, DeviceStore, Presence } from '../../domain/device.ts'
import type { EnrollmentStore } from '../../domain/enrollment.ts'
import type { Clock } from '../../domain/request.ts'
import { tokenUsername } from '../../domain/sign-in.ts'
import { displayNameSchema, isIdentifier } from '../../protocol/identifiers.ts'
import type { DeviceRole } from '../../protocol/operations/device.ts'
import type { ThingModels } from '../types/thing-models.ts'
import { base32Of } from './claim-code.ts'
import { newClaimCode, newCredentials, type Random } from './new-credentials.ts'

/** Shown once, when a device is added. */
export interface AddedDevice {
  readonly id: string
  readonly type: string
  /** 128 random bits in hex. */
  readonly secret: string
  /** `XXXX-XXXX`. */
  readonly claimCode: string
}

/** Shown once, when a device is reset. */
export interface ResetDevice {
  readonly id: string
  readonly secret: string
  /** Null while the device has an owner, who makes every claim code void. */
  readonly claimCode: string | null
}

/** A device as an operator sees it. */
export interface DeviceListing extends Device, Presence {
  readonly members: readonly { readonly userId: string; readonly role: DeviceRole }[]
}

/** What operators do with devices. Works on the store alone, whether or not the broker runs; a running broker notices. */
export interface Provisioning {
  /** The default id is the type, a hyphen and eight random characters. `jwt` is not allowed: it is the user name for tokens. */
  addDevice(wanted: {
    readonly type: string
    readonly id?: string
    readonly name?: string
  }): Promise<AddedDevice | 'taken' | 'unknown-type' | 'bad-id' | 'bad-name'>
  /**
   * Makes a new secret, and a new claim code if nobody owns the device. The old ones end at once; members and state stay. An enrolled device
   * may enroll once more.
   */
  resetDevice(id: string): Promise<ResetDevice | 'unknown'>
  /** Makes a new claim code for a device that nobody owns; the old one is void. */
  issueClaimCode(id: string): Promise<{ readonly id: string; readonly claimCode: string } | 'unknown' | 'owned'>
  setDisabled(id: string, disabled: boolean): Promise<'done' | 'unknown'>
  listDevices(): Promise<DeviceListing[]>
}

interface Options {
  readonly store: DeviceStore
  readonly enrollment: Pick<EnrollmentStore, 'allowEnrollingAgain'>
  readonly models: ThingModels
  readonly now: Clock
  readonly random?: Random
}

/** Stores only hashes of what it hands out. Every method rejects only with a fault of the store. */
export function createProvisioning({ store, enrollment, models, now, random = randomBytes }: Options): Provisioning {
  const isOwned = async (id: string) => (await store.membersOf(id)).some(member => member.role === 'owner')
  const makeId = (type: string) => `${type}-${base32Of(random(5)).toLowerCase()}`

  return {
    async addDevice({ type: typeName, id = makeId(typeName), name }) {
      const type = models.get(typeName)
      if (!type) return 'unknown-type'
      if (!isIdentifier(id) || id === tokenUsername) return 'bad-id'
      const shownName = displayNameSchema.safeParse(name ?? type.model.title)
      if (!shownName.success) return 'bad-name'
      const { secret, claimCode, ...hashes } = newCredentials(random)
      const created = await store.createDevice(
        { id, type: typeName, name: shownName.data, disabled: false, createdAtMs: now() },
        hashes,
      )
      return created ? { id, type: typeName, secret, claimCode } : 'taken'
    },

    async resetDevice(id) {
      if (!(await store.deviceById(id))) return 'unknown'
      const owned = await isOwned(id)
      const { secret, claimCode, secretHash, claimHash } = newCredentials(random)
      await store.setCredentials(id, { secretHash, claimHash: owned ? null : claimHash })
      await enrollment.allowEnrollingAgain(id)
      return { id, secret, claimCode: owned ? null : claimCode }
    },

    async issueClaimCode(id) {
      if (!(await store.deviceById(id))) return 'unknown'
      if (await isOwned(id)) return 'owned'
      const { claimCode, claimHash } = newClaimCode(random)
      await store.setCredentials(id, { claimHash })
      return { id, claimCode }
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
