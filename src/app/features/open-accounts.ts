import { createAccountHandlers } from '../../accounts/own-account/account-handlers.ts'
import { createAuthHandlers } from '../../accounts/sign-in/auth-handlers.ts'
import { createSignInLimits } from '../../accounts/sign-in/sign-in-limits.ts'
import { openWechatIdentity } from '../../accounts/sign-in/wechat-identity.ts'
import { createConnectByToken } from '../../accounts/tokens/connect-by-token.ts'
import { startServiceTokenWatch } from '../../accounts/tokens/service-token-watch.ts'
import { createTokenAuthenticator } from '../../accounts/tokens/token-authenticator.ts'
import { startTokenPruner } from '../../accounts/tokens/token-pruner.ts'
import type { HubPorts } from '../../broker/hub-ports.ts'
import { pathsIn } from '../../data-folder/data-files.ts'
import type { OwnDevices } from '../../domain/own-devices.ts'
import type { Meters } from '../../ops/metrics/meters.ts'
import type { Base } from '../base.ts'
import { createStops } from '../stops.ts'
import { openWechat } from './open-wechat.ts'

interface Parts {
  readonly hub: HubPorts
  readonly ownDevices: OwnDevices
  readonly meters: Meters
}

/** Signing in, and accounts as their owners use them. */
export async function openAccounts({ config, backend, events, orders, now }: Base, { hub, ownDevices, meters }: Parts) {
  const { tokens, passwords } = backend
  const { accounts: store } = backend.store
  const wechatIdentity = await openWechatIdentity({ file: pathsIn(config.dataDir).wechatIdentity })
  const stops = createStops()
  const wechat = stops.keep(await openWechat(config, { events, onAsked: meters.wechatAsked, now }))
  const limits = createSignInLimits(config.signIn, now)
  const byToken = createTokenAuthenticator({ tokens, store, now })
  const common = { store, passwords, limits, events, orders, now }

  return {
    byToken,
    connectByToken: createConnectByToken({ tokens, authenticator: byToken, events, orders }),
    handlers: {
      ...createAuthHandlers({ ...common, tokens, wechat, wechatIdentity }),
      ...createAccountHandlers({ ...common, devices: ownDevices, sessions: hub.sessions.all }),
    },
    /** Begins to prune expired tokens, and to warn of tokens that expire soon. */
    start() {
      stops.add(startTokenPruner({ store, events, now }).stop, startServiceTokenWatch({ store, events, now }).stop)
    },
    close: stops.stopAll,
  }
}
