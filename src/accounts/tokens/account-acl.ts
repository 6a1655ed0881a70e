import type { AccountRole } from '../../domain/account.ts'
import { rules } from '../../domain/policy.ts'
import type { Grants } from '../../domain/principal.ts'
import type { AclEntry } from '../../protocol/claims.ts'
import type { DeviceRole } from '../../protocol/operations/device.ts'

/** The largest `acl` claim in UTF-8 JSON. With it a token stays below the 8 KiB that are accepted. */
const maxAclBytes = 5000

const aclBytes = (acl: readonly AclEntry[]): number => Buffer.byteLength(JSON.stringify(acl))

/** True when `acl` fits into a token. */
export const fitsToken = (acl: readonly AclEntry[]): boolean => acl.length <= 256 && aclBytes(acl) <= maxAclBytes

/**
 * What the policy allows an account, in EMQX's array form, for a data plane that reads the token's `acl`. The last entry denies everything
 * else. Devices that do not fit are left out, from the end of `grants`. Latchkey itself never reads the claim of an account.
 */
export function accountAcl(role: AccountRole, grants: Grants): AclEntry[] {
  const acl = [...entriesOf(role), denyTheRest]
  for (const [deviceId, deviceRole] of grants) {
    const more = entriesOf(role, { deviceId, role: deviceRole })
    if (!fitsToken([...acl, ...more])) break
    acl.splice(-1, 0, ...more)
  }
  return acl
}

const denyTheRest: AclEntry = { permission: 'deny', action: 'all', topic: '#' }
/** EMQX replaces it by the connection's client id. */
const clientPlaceholder = '$' + '{clientid}'

/** The entries for one device, or those for every account of the role. */
function entriesOf(role: AccountRole, member?: { deviceId: string; role: DeviceRole }): AclEntry[] {
  return rules
    .filter(rule => rule.principals.includes(role))
    .filter(rule => (member ? rule.roles?.includes(member.role) : !rule.roles))
    .flatMap(({ action, filters }) =>
      filters.map(filter => ({
        permission: 'allow' as const,
        action,
        topic: filter.replace('{client}', clientPlaceholder).replace('{device}', member?.deviceId ?? '+'),
      })),
    )
}
