import { createDeviceWishes, type DeviceWishes } from './device-wishes.ts'
import { isJsonObject, isSameJson, isShallow, type JsonObject, type JsonValue } from './json.ts'
import { parseTopic, topics } from './topics.ts'

/**
 * What became of a command. `code` is the reply code of whoever refused it; absent when nobody answered in time. `replaced`: before it was
 * answered, later commands asked for all that it asked for, and what becomes of them is what counts.
 */
export type CommandOutcome =
  | { readonly done: true }
  | { readonly done: false; readonly replaced: true }
  | { readonly done: false; readonly code?: number; readonly msg: string }

export interface DeviceControlOptions {
  /**
   * Sends a message. What it throws or rejects with fails the command. A promise resolves when the broker has the message: the device's time
   * begins only then, for what came before is no fault of the device.
   */
  readonly publish: (topic: string, payload: string) => unknown
  /**
   * Resolves when all that the broker had sent by now has arrived. A device is blamed for not answering only after that: its answer may be on its
   * way. What it rejects with fails the command in place of the device.
   */
  readonly caughtUp?: () => Promise<void>
  /** Told whenever what {@link DeviceControl.state} gives for a device is another than before. */
  readonly changed: (deviceId: string, state: JsonObject) => void
  /** How long a device may take to answer; 3000 when not given. */
  readonly timeoutMs?: number
  /** A fresh id of at most 64 characters for a command; random when not given. */
  readonly newId?: () => string
}

/** A user's side of commands: what was asked shows at once, and goes again when the device does not do it. */
export interface DeviceControl {
  /** Takes every message that the session receives on `devices/…` and `notify/…`; all others are passed over. Never throws. */
  received(topic: string, payload: string, retained: boolean): void
  /** The state as the device reported it, and over it the newest of what it was asked and has not answered yet. */
  state(deviceId: string): JsonObject
  /** The properties that it was asked and has not answered yet, each once. */
  pending(deviceId: string): string[]
  /**
   * Publishes `set`. Done when the device acknowledges it, or, as the newest command of its properties, when the device reports all that was
   * wanted. Never rejects.
   */
  set(deviceId: string, wanted: JsonObject): Promise<CommandOutcome>
  /** Publishes `invoke`. Done when the device acknowledges it. Never rejects. */
  invoke(deviceId: string, action: string, input?: JsonValue): Promise<CommandOutcome>
  /** Ends what is under way for a device, and forgets its state: it is not one's own any more. */
  forget(deviceId: string, msg: string): void
  /** Ends what is under way for all devices, and keeps their states: the connection is gone, and no answer comes any more. */
  endAll(msg: string): void
}

interface Command {
  readonly deviceId: string
  readonly isAction: boolean
  /** Only the first time counts. */
  readonly settle: (outcome: CommandOutcome) => void
  stopTime: () => void
}

const randomId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`

/** Starts with no devices known. Answers are matched to commands by id. */
export function createDeviceControl(options: DeviceControlOptions): DeviceControl {
  const { publish, changed, caughtUp, timeoutMs = 3000, newId = randomId } = options
  const devices = new Map<string, DeviceWishes>()
  /** Those that are unanswered, or whose device may still report of them; in the order they were sent. */
  const commands = new Map<string, Command>()

  const state = (deviceId: string): JsonObject => devices.get(deviceId)?.shown() ?? {}
  const settle = (id: string, outcome: CommandOutcome) => commands.get(id)?.settle(outcome)

  /** Does `change`, drops the commands that are over with it, and tells when the state is another afterwards. */
  function changing(deviceId: string, change: (wishes: DeviceWishes) => void): void {
    const wishes = devices.get(deviceId) ?? createDeviceWishes()
    devices.set(deviceId, wishes)
    const before = wishes.shown()
    change(wishes)
    for (const [id, command] of commands)
      if (command.deviceId === deviceId && !command.isAction && !wishes.has(id)) drop(id)
    const after = wishes.shown()
    if (!isSameJson(before, after)) changed(deviceId, after)
  }

  function drop(id: string): void {
    commands.get(id)?.stopTime()
    commands.delete(id)
  }

  /** `change` is what it means for the state; an action means nothing for it. */
  function finish(id: string, outcome: CommandOutcome, change: (wishes: DeviceWishes) => void): void {
    const command = commands.get(id)
    if (!command) return
    command.settle(outcome)
    if (command.isAction) drop(id)
    else changing(command.deviceId, change)
  }

  const done = (id: string) => finish(id, { done: true }, wishes => wishes.acknowledged(id))
  const failed = (id: string, why: { readonly code?: number; readonly msg: string }) =>
    finish(id, { ...why, done: false }, wishes => wishes.refused(id))

  function expired(id: string): void {
    const command = commands.get(id)
    const lost = { done: false, msg: 'no answer in time' } as const
    if (command?.isAction) failed(id, lost)
    else if (command) changing(command.deviceId, wishes => settle(id, wishes.expired(id) ? { done: true } : lost))
  }

  function send(topic: string, body: JsonObject, deviceId: string, wanted?: JsonObject): Promise<CommandOutcome> {
    const id = newId()
    return new Promise(resolve => {
      commands.set(id, { deviceId, isAction: wanted === undefined, settle: resolve, stopTime: () => {} })
      if (wanted) {
        changing(deviceId, wishes => {
          for (const older of wishes.sent(id, wanted)) settle(older, { done: false, replaced: true })
        })
      }
      const unsent = (cause: unknown) => failed(id, { msg: wordsOf(cause) })
      try {
        const sent = publish(topic, JSON.stringify({ ...body, id }))
        if (sent instanceof Promise) sent.then(() => startTime(id), unsent)
        else startTime(id)
      } catch (cause) {
        unsent(cause)
      }
    })
  }

  /** The device has its time from now on. */
  function startTime(id: string): void {
    const command = commands.get(id)
    if (!command) return
    const isOver = () => {
      if (!caughtUp) return expired(id)
      caughtUp().then(
        () => expired(id),
        (cause: unknown) => failed(id, { msg: wordsOf(cause) }),
      )
    }
    const timer = setTimeout(isOver, timeoutMs)
    command.stopTime = () => clearTimeout(timer)
  }

  /** An answer of the device or the broker: settles the command of that id. */
  function answered({ id, code, msg }: JsonObject): void {
    if (typeof id !== 'string') return
    if (code === 0) done(id)
    else if (typeof code === 'number') failed(id, { code, msg: typeof msg === 'string' ? msg : '' })
  }

  const stateReported = (deviceId: string, patch: JsonObject, isWhole: boolean): void =>
    changing(deviceId, wishes => {
      if (isWhole) wishes.known(patch)
      else for (const id of wishes.reported(patch)) settle(id, { done: true })
    })

  function endDevice(deviceId: string, msg: string): void {
    for (const [id, command] of commands) {
      if (command.deviceId !== deviceId) continue
      command.settle({ done: false, msg })
      if (command.isAction) drop(id)
    }
    changing(deviceId, wishes => wishes.endAll())
  }

  return {
    state,
    pending: deviceId => devices.get(deviceId)?.pending() ?? [],
    received(topic, payload, retained) {
      const parsed = parseTopic(topic)
      const body = parsed && parseObject(payload)
      if (!body) return
      if (parsed.kind === 'state') stateReported(parsed.deviceId, body, retained)
      else if (parsed.kind === 'ack') {
        const isOwn = typeof body.id === 'string' && commands.get(body.id)?.deviceId === parsed.deviceId
        if (isOwn) answered(body)
      } else if (parsed.kind === 'notify' && (parsed.name === 'denied' || parsed.name === 'device-offline'))
        answered(body)
    },
    set: (deviceId, wanted) => send(topics.set(deviceId), wanted, deviceId, wanted),
    invoke: (deviceId, action, input) =>
      send(topics.invoke(deviceId, action), input === undefined ? {} : { input }, deviceId),
    forget(deviceId, msg) {
      endDevice(deviceId, msg)
      devices.delete(deviceId)
    },
    endAll(msg) {
      for (const deviceId of new Set([...commands.values()].map(command => command.deviceId))) endDevice(deviceId, msg)
    },
  }
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Without the properties that nest deeper than the broker takes: reports come as the device sent them. */
function parseObject(payload: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(payload)
    if (!isJsonObject(value)) return undefined
    return Object.fromEntries(Object.entries(value).filter(([, property]) => isShallow(property)))
  } catch {
    return undefined
  }
}
