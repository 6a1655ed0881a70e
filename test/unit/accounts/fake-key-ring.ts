import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyRing } from '../../../src/accounts/tokens/key-ring.ts'
import type { TokenAlgorithm } from '../../../src/data-folder/signing-key-files.ts'

/** A ring of one key, `kid` "test-key", that was never on disk. */
export function createFakeKeyRing(algorithm: TokenAlgorithm = 'ES256') {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const secret = createSecretKey(randomBytes(32))
  const signing = algorithm === 'ES256' ? pair.privateKey : secret
  const verifying = algorithm === 'ES256' ? pair.publicKey : secret
  const keys: KeyRing = {
    algorithm,
    signingKey: () => ({ kid: 'test-key', key: signing }),
    verifyingKey: kid => (kid === 'test-key' ? verifying : undefined),
    rotate: async () => 'test-key',
    reload: async () => {},
    jwks: () => ({ keys: [] }),
  }
  return { keys, signing, verifying }
}
