import { createDevices } from './create-devices.ts'
import { createSession, type SessionOptions } from './create-session.ts'
import type { Devices } from './devices.ts'
import type { Session } from './session.ts'

/** What pages use. */
export interface Services {
  readonly session: Session
  readonly devices: Devices
}

/** One of each, for the whole mini-program. Nothing is connected until `session.start()`. */
export function createServices(options: SessionOptions): Services {
  const session = createSession(options)
  return { session, devices: createDevices(session) }
}
