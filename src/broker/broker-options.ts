import type { DeviceTraffic } from '../domain/device-traffic.ts'
import type { Events } from '../domain/events.ts'
import type { MqttStore } from '../domain/mqtt-store.ts'
import type { Clock, Handlers } from '../domain/request.ts'
import type { Authenticator } from '../domain/sign-in.ts'
import type { Locale } from '../protocol/codes.ts'
import type { BrokerLimits } from './limits.ts'

export interface BrokerOptions {
  readonly store: MqttStore
  readonly authenticator: Authenticator
  readonly traffic: DeviceTraffic
  readonly handlers: Handlers
  readonly events: Events
  readonly limits: BrokerLimits
  /** Whether an address is kept out; asked again when it signs in. Nobody is when not given. */
  readonly refuses?: (address: string) => boolean
  readonly locale: Locale
  readonly now: Clock
}

/** What every room of the broker may need. */
export interface BrokerBase extends Required<BrokerOptions> {
  /** Tells of what went wrong, and is nobody's who is connected. */
  readonly onFault: (where: string, cause: unknown) => void
}
