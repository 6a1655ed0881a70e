import type { HubPorts } from '../../broker/hub-ports.ts'
import { createDeviceAuthenticator } from '../../registry/enrollment/device-authenticator.ts'
import { createEnrollmentHandlers } from '../../registry/enrollment/enrollment-handlers.ts'
import { createEnrollmentLimits } from '../../registry/enrollment/enrollment-limits.ts'
import { createHistoryHandlers } from '../../registry/history/history-handlers.ts'
import { createClaimLimits } from '../../registry/ownership/claim-limits.ts'
import { createDeviceHandlers } from '../../registry/ownership/device-handlers.ts'
import { createInvitationLimits } from '../../registry/ownership/invitation-limits.ts'
import { createOwnDevices } from '../../registry/ownership/own-devices.ts'
import { createReleaseDevice } from '../../registry/ownership/release-device.ts'
import { createSharingHandlers } from '../../registry/ownership/sharing-handlers.ts'
import { createDeviceView } from '../../registry/state/device-view.ts'
import { createPresence } from '../../registry/state/presence.ts'
import type { Base } from '../base.ts'
import type { Devices } from './open-devices.ts'

/** Devices as people and operators use them: claim, sharing, enrollment, presence, history. */
export function createRegistry({ config, backend, events, orders, node, now }: Base, hub: HubPorts, devices: Devices) {
  const { models, productSecrets } = backend
  const { devices: store, invitations, enrollment, history } = backend.store
  const { directory, states } = devices
  const presence = createPresence({ store, retained: hub, events, node, now })
  directory.onAdded(presence.added)
  const release = createReleaseDevice({ store, models, states, events, orders })
  const common = { models, events, orders, now }

  return {
    bySecret: createDeviceAuthenticator({ store, directory }),
    ownDevices: createOwnDevices({ store, models, states, presence, release, events, orders }),
    /** Publishes the presence of all devices, from now on. Called when the broker exists. */
    start: presence.seed,
    settled: presence.settled,
    handlers: {
      ...createDeviceHandlers({
        ...common,
        store,
        states,
        presence,
        directory,
        release,
        limits: createClaimLimits(config.claim, now),
      }),
      ...createSharingHandlers({
        devices: store,
        invitations,
        view: createDeviceView({ models, states, presence }),
        limits: createInvitationLimits(config.invitation, now),
        events,
        orders,
        now,
      }),
      ...createEnrollmentHandlers({
        ...common,
        store: enrollment,
        secrets: productSecrets,
        limits: createEnrollmentLimits(config.enrollment, now),
        windowSeconds: config.enrollment.windowSeconds,
      }),
      ...createHistoryHandlers({ store, history, models }),
    },
  }
}
