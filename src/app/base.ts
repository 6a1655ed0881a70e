import type { Config } from '../config/config.ts'
import type { Events } from '../domain/events.ts'
import type { Orders } from '../domain/orders.ts'
import type { Clock } from '../domain/request.ts'
import type { AppBackend } from './backend/open-backend.ts'

/** What every feature is made from. */
export interface Base {
  readonly config: Config
  readonly backend: AppBackend
  readonly events: Events
  readonly orders: Orders
  /** The name of this node. */
  readonly node: string
  readonly now: Clock
}
