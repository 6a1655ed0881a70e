import { type Principal, principalName } from '../../domain/principal.ts'

/** The owner that a retained message is counted for: integrations, which choose their topics. Devices and the broker have a topic or two for each device. */
export const retainedOwner = (principal: Principal): string | undefined =>
  principal.kind === 'service' ? principalName(principal) : undefined
