import { type Principal, principalName } from '../../domain/principal.ts'

/**
 * The owner for whom a retained message is counted. Only integrations are, because they choose their topics; devices and the broker have a topic or two for
 * each device.
 */
export const retainedOwner = (principal: Principal): string | undefined =>
  principal.kind === 'service' ? principalName(principal) : undefined
