import type { DeviceStore } from '../domain/device.ts'
import type { DevicePrincipal } from '../domain/principal.ts'
import type { ConnectRefusal, Credentials } from '../domain/sign-in.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { isSecretOf } from './secret-hash.ts'

/** The devices' part of `Authenticator` (src/domain/sign-in.ts). Every method rejects only with a fault of the store. */
export interface DeviceAuthenticator {
  /** User name: the device's id, which the client id must equal. Password: its secret. */
  authenticate(credentials: Omit<Credentials, 'address'>): Promise<DevicePrincipal | ConnectRefusal>
  isReserved(clientId: string): Promise<boolean>
  /** For a session already open, with the very principal it was given: a device that was disabled, or given a new secret since, may not go on. */
  recheck(principal: DevicePrincipal): Promise<DevicePrincipal | ConnectRefusal>
}

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById'>
  readonly directory: Pick<DeviceDirectory, 'learn' | 'typeOf'>
}

/** An unknown device and a wrong secret have one answer and take one time; only the right secret learns that a device is disabled. */
export function createDeviceAuthenticator({ store, directory }: Options): DeviceAuthenticator {
  /** The secret that each session came in with. */
  const secretOf = new WeakMap<DevicePrincipal, string>()

  return {
    async authenticate({ username, password, clientId }) {
      if (clientId !== username) return 'identifier-rejected'
      const device = await store.deviceById(username)
      if (!isSecretOf(device?.secretHash, password) || !device) return 'bad-credentials'
      if (device.disabled) return 'device-disabled'
      directory.learn(device)
      const principal: DevicePrincipal = { kind: 'device', deviceId: device.id, type: device.type }
      secretOf.set(principal, device.secretHash)
      return principal
    },
    async isReserved(clientId) {
      return directory.typeOf(clientId) !== undefined || (await store.deviceById(clientId)) !== undefined
    },
    async recheck(principal) {
      const device = await store.deviceById(principal.deviceId)
      if (device?.secretHash !== secretOf.get(principal) || !device) return 'bad-credentials'
      return device.disabled ? 'device-disabled' : principal
    },
  }
}
