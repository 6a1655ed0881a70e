import type { CommandOutcome } from '../../../src/protocol/device-control.ts'
import type { JsonObject, JsonValue } from '../../../src/protocol/json.ts'
import type { DeviceRole } from '../../../src/protocol/operations/device.ts'
import type { DataOf } from '../../../src/protocol/operations.ts'
import type { ThingModel } from '../../../src/protocol/thing-model.ts'
import type { Failure, Result } from './failure.ts'

/** A device as pages draw it. */
export interface Device {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly role: DeviceRole
  readonly online: boolean
  /** Milliseconds since 1970 of the last change of `online`; 0 when it was never seen. */
  readonly since: number
  /** What the device has reported, overlaid with what it was asked for and has not answered yet. */
  readonly state: JsonObject
  /** The properties that it was asked for and has not answered yet. */
  readonly pending: readonly string[]
  readonly model: ThingModel
}

/** An event of a device, as it arrived. */
export interface DeviceEvent {
  readonly deviceId: string
  readonly name: string
  readonly payload: string
}

export type Member = DataOf<'device/members'>[number]
export type OpenInvitation = DataOf<'device/invitations'>[number]
export type Offer = DataOf<'device/invitation'>
export type History = DataOf<'device/history'>

/** The devices of the signed-in account: live while online, the last known while offline, none when signed out. */
export interface Devices {
  /** In the broker's order; undefined until they are known. */
  readonly list: readonly Device[] | undefined
  /** Why the last attempt to fetch the list failed; undefined when it did not. */
  readonly failure: Failure | undefined
  get(deviceId: string): Device | undefined
  /** Calls back after changes of a device, the list, or `failure`, once for all of a turn. Returns a function that ends it. */
  onChange(listener: () => void): () => void
  /** Calls back when the broker says that the list, or the members of an owner's device, have changed. Returns a function that ends it. */
  onNotified(listener: () => void): () => void
  onEvent(listener: (event: DeviceEvent) => void): () => void
  /** Fetches the list again. */
  refresh(): Promise<Result<object>>
  /**
   * * Sends a command. It is shown at once, and taken back when the device does not do it within 3 s. Never rejects. `offline` at once while the session is
   * not online, and when the connection ends before there is an answer: then nobody knows whether it was done, and it is not sent again.
   */
  set(deviceId: string, wanted: JsonObject): Promise<CommandOutcome>
  invoke(deviceId: string, action: string, input?: JsonValue): Promise<CommandOutcome>
  /** Takes the content of a QR code (parseClaimLink), or the two fields as typed. */
  claim(deviceId: string, code: string): Promise<Result<DataOf<'device/claim'>>>
  accept(invitation: string): Promise<Result<DataOf<'device/accept'>>>
  rename(deviceId: string, name: string): Promise<Result<object>>
  release(deviceId: string): Promise<Result<object>>
  share(deviceId: string, role: DeviceRole): Promise<Result<DataOf<'device/share'>>>
  members(deviceId: string): Promise<Result<readonly Member[]>>
  revoke(deviceId: string, userId: string): Promise<Result<object>>
  changeRole(deviceId: string, userId: string, role: 'controller' | 'viewer'): Promise<Result<object>>
  /** The invitations that nobody has used yet. */
  invitations(deviceId: string): Promise<Result<readonly OpenInvitation[]>>
  withdraw(deviceId: string, invitationId: string): Promise<Result<object>>
  /** Says who invites to which device; nobody needs to be signed in. */
  invitation(invitation: string): Promise<Result<Offer>>
  /** How much a counter rose from each edge to the next. */
  usage(deviceId: string, property: string, edgesMs: readonly number[]): Promise<Result<DataOf<'device/usage'>>>
  history(deviceId: string, property: string, fromMs: number, toMs: number, points: number): Promise<Result<History>>
}
