import type { DeviceCredentials } from '../../domain/device.ts'
import { formatClaimCode, hashClaimCode } from './claim-code.ts'
import { hashSecret } from './secret-hash.ts'

/** That many random bytes. */
export type Random = (size: number) => Uint8Array

/** A secret and a claim code to hand out, and their hashes to store. */
export interface NewCredentials extends DeviceCredentials {
  /** 128 random bits in hex. */
  readonly secret: string
  /** `XXXX-XXXX`. */
  readonly claimCode: string
  readonly claimHash: string
}

export function newCredentials(random: Random): NewCredentials {
  const secret = Buffer.from(random(16)).toString('hex')
  return { secret, secretHash: hashSecret(secret), ...newClaimCode(random) }
}

/** A claim code, and its hash to store. */
export function newClaimCode(random: Random): Pick<NewCredentials, 'claimCode' | 'claimHash'> {
  const claimCode = formatClaimCode(random(5))
  return { claimCode, claimHash: hashClaimCode(claimCode) }
}
