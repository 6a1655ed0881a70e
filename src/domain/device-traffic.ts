import type { RefusalCode } from '../protocol/codes.ts'

/** A `set` or an `invoke/{action}` on its way to a device. */
export interface Command {
  readonly deviceId: string
  /** The action's name; absent for `set`. */
  readonly action?: string
  readonly payload: Uint8Array
}

/** Whether a command may go on. `id` is the command's own, when it could be read. */
export type CommandVerdict =
  | { readonly forward: true; readonly id?: string }
  | { readonly forward: false; readonly id?: string; readonly code: RefusalCode; readonly reason: string }

/** The outcome of a report. */
export interface ReportVerdict {
  /** What readers get of it: its own bytes when nothing in it is refused. Undefined when they get nothing. */
  readonly forReaders: Buffer | undefined
  /** How many values it took to fold the report: its own, and those of the properties that it changed. */
  readonly values: number
  /** The refusals of which the device must be told now: of values of properties, or of the whole report, which names no property. */
  readonly denied: readonly { readonly property?: string; readonly code: RefusalCode; readonly reason: string }[]
}

/** What the broker asks and tells the registry about device messages. Synchronous, because it is on the message path. */
export interface DeviceTraffic {
  /** Checks a command against the device's thing model: 2001 unknown device, 2005 refused by the model, 4000 malformed. */
  checkCommand(command: Command): CommandVerdict
  /**
   * Takes a report on `devices/{id}/state`: the folded state is written within the call, and so kept together with everything else that the report's
   * message writes in this turn.
   */
  reported(deviceId: string, payload: Buffer): ReportVerdict
  /** The device's state to be retained, with everything that it has reported so far; empty when it has none. */
  stateNow(deviceId: string): string
}

/** Publishes retained messages for the registry, in the broker's own name. Implemented by src/broker. */
export interface RetainedPublisher {
  /** Publishes to members and retains. Resolves once routed. */
  publishRetained(topic: string, payload: string): Promise<void>
  /** Only replaces the retained message; no reader gets it. An empty payload clears it. */
  replaceRetained(topic: string, payload: string): Promise<void>
}
