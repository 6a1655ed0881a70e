import { createHash } from 'node:crypto'
import type { AclEntry } from '../../protocol/claims.ts'

/** SHA-256, in base64url, of what an `acl` claim says; a token without the claim has one too, which is that of no list. */
export function aclHash(acl: readonly AclEntry[] | undefined): string {
  const said = acl?.map(({ permission, action, topic }) => [permission, action, topic]) ?? null
  return createHash('sha256').update(JSON.stringify(said), 'utf8').digest('base64url')
}
