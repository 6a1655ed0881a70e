import type { DeviceTraffic } from '../domain/device-traffic.ts'
import type { Orders } from '../domain/orders.ts'
import type { Handlers } from '../domain/request.ts'
import type { Authenticator } from '../domain/sign-in.ts'
import type { Locale } from '../protocol/codes.ts'
import type { Hub, HubOptions } from './create-hub.ts'

export interface BrokerOptions extends HubOptions {
  /** Made from the same options. */
  readonly hub: Hub
  readonly authenticator: Authenticator
  readonly traffic: DeviceTraffic
  readonly orders: Orders
  readonly handlers: Handlers
  /** Whether an address is kept out; asked again when a client signs in. When not given, none is. */
  readonly refuses?: (address: string) => boolean
  readonly locale: Locale
}

/** What any room of the broker may need. */
export interface BrokerBase extends Required<BrokerOptions> {
  /** Announces a fault that no client caused. */
  readonly onFault: (where: string, cause: unknown) => void
}
