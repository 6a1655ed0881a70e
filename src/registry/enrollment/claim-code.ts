import { hashSecret, isSecretOf } from './secret-hash.ts'

/** Crockford's base32: no I, L, O or U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Five random bytes as eight base32 characters. */
export const base32Of = (fortyBits: Uint8Array): string => {
  const number = fortyBits.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return Array.from({ length: 8 }, (_, i) => alphabet[Number((number >> BigInt(35 - 5 * i)) & 31n)]).join('')
}

/** A claim code as printed, `XXXX-XXXX`, from five random bytes. */
export const formatClaimCode = (fortyBits: Uint8Array): string => base32Of(fortyBits).replace(/^.{4}/, '$&-')

/** The stored form of a claim code that a person typed: case and hyphens do not matter, O is 0, I and L are 1. */
export const hashClaimCode = (code: string): string => hashSecret(normalise(code))

/** True when `code` has this stored hash. Takes constant time, and is never true without a hash. */
export const isClaimCodeOf = (hash: string | null | undefined, code: string): boolean =>
  isSecretOf(hash, normalise(code))

const normalise = (code: string): string =>
  code.toUpperCase().replaceAll('-', '').replaceAll('O', '0').replace(/[IL]/g, '1')
