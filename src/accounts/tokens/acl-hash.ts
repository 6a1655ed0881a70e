import { createHash } from 'node:crypto'
import type { AclEntry } from '../../protocol/claims.ts'

/** SHA-256 of an `acl` claim, in base64url. A token without the claim has a hash too. */
export function aclHash(acl: readonly AclEntry[] | undefined): string {
  const said = acl?.map(({ permission, action, topic }) => [permission, action, topic]) ?? null
  return createHash('sha256').update(JSON.stringify(said), 'utf8').digest('base64url')
}
