import type { Device, DeviceStore } from '../domain/device.ts'
import type { DevicePrincipal } from '../domain/principal.ts'
import type { ConnectRefusal, Credentials, PeerCertificate } from '../domain/sign-in.ts'
import type { DeviceDirectory } from './device-directory.ts'
import { isSecretOf } from './secret-hash.ts'

/** The devices' part of `Authenticator` (src/domain/sign-in.ts). Every method rejects only with a fault of the store. */
export interface DeviceAuthenticator {
  /** User name: the device's id, which the client id must equal. Password: its secret. In place of both: a certificate with that CN. */
  authenticate(credentials: Omit<Credentials, 'address'>): Promise<DevicePrincipal | ConnectRefusal>
  isReserved(clientId: string): Promise<boolean>
  /** For a session already open, with the very principal it was given: a device that was disabled may not go on, nor one that came by a secret that was replaced. */
  recheck(principal: DevicePrincipal): Promise<DevicePrincipal | ConnectRefusal>
  /** For a device that left something before the broker was started: it need only be registered still, and not disabled. */
  restore(principal: DevicePrincipal): Promise<DevicePrincipal | ConnectRefusal>
}

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById'>
  readonly directory: Pick<DeviceDirectory, 'learn' | 'typeOf'>
}

/** No hash is like it. */
const certified = 'certificate'

/** An unknown device and a wrong secret have one answer and take one time; only the right secret learns that a device is disabled. */
export function createDeviceAuthenticator({ store, directory }: Options): DeviceAuthenticator {
  /** What each session came in with: the hash of a secret, or a certificate. */
  const proofOf = new WeakMap<DevicePrincipal, string>()

  function admit(device: Device, proof: string): DevicePrincipal {
    directory.learn(device)
    const principal: DevicePrincipal = { kind: 'device', deviceId: device.id, type: device.type }
    proofOf.set(principal, proof)
    return principal
  }

  async function byCertificate(
    { commonName }: PeerCertificate,
    clientId: string,
  ): Promise<DevicePrincipal | ConnectRefusal> {
    if (clientId !== commonName) return 'identifier-mismatch'
    const device = await store.deviceById(commonName)
    if (!device) return 'bad-credentials'
    return device.disabled ? 'device-disabled' : admit(device, certified)
  }

  return {
    async authenticate({ username, password, clientId, certificate }) {
      if (certificate) return byCertificate(certificate, clientId)
      if (clientId !== username) return 'identifier-mismatch'
      const device = await store.deviceById(username)
      if (!isSecretOf(device?.secretHash, password) || !device) return 'bad-credentials'
      if (device.disabled) return 'device-disabled'
      return admit(device, device.secretHash)
    },
    async isReserved(clientId) {
      return directory.typeOf(clientId) !== undefined || (await store.deviceById(clientId)) !== undefined
    },
    async recheck(principal) {
      const device = await store.deviceById(principal.deviceId)
      const proof = proofOf.get(principal)
      if (!device || (proof !== certified && proof !== device.secretHash)) return 'bad-credentials'
      return device.disabled ? 'device-disabled' : principal
    },
    async restore(principal) {
      const device = await store.deviceById(principal.deviceId)
      if (!device) return 'bad-credentials'
      return device.disabled ? 'device-disabled' : principal
    },
  }
}
