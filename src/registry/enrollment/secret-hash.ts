import { createHash, timingSafeEqual } from 'node:crypto'

const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest()
const nobodys = Buffer.alloc(32)

/** The stored form of secrets and claim codes: SHA-256 in lower-case hex. */
export const hashSecret = (secret: string): string => sha256(secret).toString('hex')

/** True when `hash` is that of `secret`. Takes the same time whatever the answer, also without a hash. */
export function isSecretOf(hash: string | null | undefined, secret: string): boolean {
  const stored = Buffer.from(hash ?? '', 'hex')
  const known = stored.length === nobodys.length
  return timingSafeEqual(known ? stored : nobodys, sha256(secret)) && known
}
