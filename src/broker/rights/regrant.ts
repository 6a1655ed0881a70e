import { type Grants, isSameGrants, type Principal } from '../../domain/principal.ts'
import type { DeviceRole } from '../../protocol/operations/device.ts'

/**
 * Gives a principal of the account `userId` another role on a device, or none; undefined for other principals. Principals that shared one grants object
 * share one afterwards: thousands of sessions of one account take one copy.
 */
export function createRegrant(userId: string, deviceId: string, role: DeviceRole | null) {
  let last: { readonly before: Grants; readonly after: Grants } | undefined

  function change(before: Grants): Grants {
    if (last && isSameGrants(last.before, before)) return last.after
    const after = new Map(before)
    if (role) after.set(deviceId, role)
    else after.delete(deviceId)
    last = { before, after }
    return after
  }

  return (principal: Principal): Principal | undefined => {
    if (principal.kind !== 'user' || principal.userId !== userId) return undefined
    return { ...principal, grants: change(principal.grants) }
  }
}
