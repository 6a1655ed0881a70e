import type { Device, DeviceCredentials, DeviceStore } from '../../domain/device.ts'
import type { DevicePrincipal } from '../../domain/principal.ts'
import type { ConnectRefusal, Credentials, PeerCertificate } from '../../domain/sign-in.ts'
import type { DeviceDirectory } from '../device-directory.ts'
import { isSecretOf } from './secret-hash.ts'

/** The devices' part of `Authenticator` (src/domain/sign-in.ts). Every method rejects only with a fault of the store. */
export interface DeviceAuthenticator {
  /** The user name is the device's id, which the client id must equal; the password is its secret. A certificate with that CN replaces both. */
  authenticate(credentials: Omit<Credentials, 'address'>): Promise<DevicePrincipal | ConnectRefusal>
  isReserved(clientId: string): Promise<boolean>
  /** Checks an open session again, by the same principal object: it may not continue when the device is disabled or its secret was replaced. */
  recheck(principal: DevicePrincipal): Promise<DevicePrincipal | ConnectRefusal>
  /** {@link recheck} for many. */
  recheckAll(principals: readonly DevicePrincipal[]): Promise<(DevicePrincipal | ConnectRefusal)[]>
  /** Checks a device that has a session from before the start: it must still be registered, and not be disabled. */
  restore(principal: DevicePrincipal): Promise<DevicePrincipal | ConnectRefusal>
  /** {@link restore} for many. */
  restoreAll(principals: readonly DevicePrincipal[]): Promise<(DevicePrincipal | ConnectRefusal)[]>
}

interface Options {
  readonly store: Pick<DeviceStore, 'deviceById' | 'devicesById'>
  readonly directory: Pick<DeviceDirectory, 'learn' | 'typeOf'>
}

/** Equals no hash. */
const certified = 'certificate'

/** An unknown device and a wrong secret get the same answer in the same time. Only the right secret learns that a device is disabled. */
export function createDeviceAuthenticator({ store, directory }: Options): DeviceAuthenticator {
  /** How each session signed in: with the hash of a secret, or with a certificate. */
  const proofOf = new WeakMap<DevicePrincipal, string>()

  function admit(device: Device, proof: string): DevicePrincipal {
    directory.learn(device)
    const principal: DevicePrincipal = { kind: 'device', deviceId: device.id, type: device.type }
    proofOf.set(principal, proof)
    return principal
  }

  function isProof(principal: DevicePrincipal, device: DeviceCredentials): boolean {
    const proof = proofOf.get(principal)
    return proof === certified || proof === device.secretHash
  }

  function verdictOf(
    principal: DevicePrincipal,
    device: (Device & DeviceCredentials) | undefined,
    isRight: typeof isProof,
  ): DevicePrincipal | ConnectRefusal {
    if (!device || !isRight(principal, device)) return 'bad-credentials'
    return device.disabled ? 'device-disabled' : principal
  }

  async function lookUp(
    principals: readonly DevicePrincipal[],
    isRight: typeof isProof,
  ): Promise<(DevicePrincipal | ConnectRefusal)[]> {
    const devices = await store.devicesById(principals.map(({ deviceId }) => deviceId))
    return principals.map(principal => verdictOf(principal, devices.get(principal.deviceId), isRight))
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
    recheck: async principal => verdictOf(principal, await store.deviceById(principal.deviceId), isProof),
    recheckAll: principals => lookUp(principals, isProof),
    restore: async principal => verdictOf(principal, await store.deviceById(principal.deviceId), () => true),
    restoreAll: principals => lookUp(principals, () => true),
  }
}
