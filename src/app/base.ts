import type { Config } from '../config/config.ts'
import type { Events } from '../domain/events.ts'
import type { Clock } from '../domain/request.ts'
import type { AppBackend } from './backend/open-backend.ts'

/** What every feature is made of. */
export interface Base {
  readonly config: Config
  readonly backend: AppBackend
  readonly events: Events
  readonly now: Clock
}
