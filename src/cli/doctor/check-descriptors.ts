import { descriptorLimit } from '../start/descriptor-limit.ts'
import { type Finding, ok, type Patient, warning } from './finding.ts'

const check = 'descriptors'

/** Checks that the configured number of connections can be open at once, if the broker is started as this command was. */
export function checkDescriptors({ config }: Patient): Finding {
  const found = descriptorLimit(config.limits)
  if (!found) return ok(check, 'this system does not say how many')
  const { limit, needed } = found
  return limit >= needed
    ? ok(check, `${limit}, enough for limits.connections`)
    : warning(
        check,
        `${limit}, and limits.connections needs ${needed}`,
        `raise LimitNOFILE in the systemd unit, or ulimit -Hn; or set limits.connections to ${Math.max(1, limit - (needed - config.limits.connections))}`,
      )
}
