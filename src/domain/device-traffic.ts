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

/** What becomes of a report. */
export interface ReportVerdict {
  /** What readers get of it: its own bytes when nothing in it is refused. Undefined for nothing. */
  readonly forReaders: Buffer | undefined
  /** How many values it took to fold the report: its own, and those of the properties that it changed. */
  readonly values: number
  /** What is refused, of which the device is to be told now: values of properties, or the whole report, which names no property. */
  readonly denied: readonly { readonly property?: string; readonly code: RefusalCode; readonly reason: string }[]
}

/** What the broker asks and tells the registry about device messages. Synchronous: these stand on the message path. */
export interface DeviceTraffic {
  /** Checks a command against the device's thing model: 2001 unknown device, 2005 refused by the model, 4000 malformed. */
  checkCommand(command: Command): CommandVerdict
  /**
   * Takes a report on `devices/{id}/state`: the folded state is written within the call, and so kept with what else the turn writes of the
   * report's message.
   */
  reported(deviceId: string, payload: Buffer): ReportVerdict
  /** What is to be retained as the device's state, with all that it has reported so far; empty when it has none. */
  stateNow(deviceId: string): string
}

/** How the registry reaches the broker: retained messages that the broker itself publishes. */
export interface RetainedTopics {
  /** Publishes to members and retains. Resolves once routed. */
  publishRetained(topic: string, payload: string): Promise<void>
  /** Only replaces what is retained; nobody is told. An empty payload clears it. */
  replaceRetained(topic: string, payload: string): Promise<void>
}
