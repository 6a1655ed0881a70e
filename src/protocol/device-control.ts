import { hasOwn, isJsonObject, isSameJson, isShallow, type JsonObject, type JsonValue, mergePatch } from './json.ts'
import { parseTopic, topics } from './topics.ts'

/** What became of a command. `code` is the reply code of whoever refused it; absent when nobody answered in time. */
export type CommandOutcome =
  | { readonly done: true }
  | { readonly done: false; readonly code?: number; readonly msg: string }

export interface DeviceControlOptions {
  /** Sends a message. What it throws or rejects with fails the command. */
  readonly publish: (topic: string, payload: string) => unknown
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
  /** The state as the device reported it, with what it was asked and has not answered yet. */
  state(deviceId: string): JsonObject
  /** The properties that it was asked and has not answered yet, each once. */
  pending(deviceId: string): string[]
  /** Publishes `set`. Done when the device acknowledges it, or reports all that was wanted. Never rejects. */
  set(deviceId: string, wanted: JsonObject): Promise<CommandOutcome>
  /** Publishes `invoke`. Done when the device acknowledges it. Never rejects. */
  invoke(deviceId: string, action: string, input?: JsonValue): Promise<CommandOutcome>
  /** Ends what is under way for a device, and forgets its state: it is not one's own any more, or the connection is gone. */
  forget(deviceId: string, msg: string): void
}

interface Pending {
  readonly deviceId: string
  /** What a `set` asks for; absent for an action. */
  readonly wanted?: JsonObject
  /** The wanted properties that the device said something about since. */
  readonly spokenOf: Set<string>
  readonly settle: (outcome: CommandOutcome) => void
}

const randomId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 12)}`

/** Starts with no devices known. Answers are matched to commands by id. */
export function createDeviceControl(options: DeviceControlOptions): DeviceControl {
  const { publish, changed, timeoutMs = 3000, newId = randomId } = options
  const reported = new Map<string, JsonObject>()
  /** In the order they were sent. */
  const pending = new Map<string, Pending>()

  const pendingOf = (deviceId: string) => [...pending].filter(([, command]) => command.deviceId === deviceId)

  function state(deviceId: string): JsonObject {
    return pendingOf(deviceId).reduce<JsonObject>(
      (shown, [, { wanted }]) => (wanted ? mergePatch(shown, wanted) : shown),
      reported.get(deviceId) ?? {},
    )
  }

  /** Does `change`, and tells when the state is another afterwards. */
  function changing(deviceId: string, change: () => void): void {
    const before = state(deviceId)
    change()
    const after = state(deviceId)
    if (!isSameJson(before, after)) changed(deviceId, after)
  }

  function settle(id: string, outcome: CommandOutcome): void {
    const command = pending.get(id)
    if (!command) return
    changing(command.deviceId, () => {
      pending.delete(id)
      if (outcome.done && command.wanted) report(command.deviceId, without(command.wanted, command.spokenOf))
    })
    command.settle(outcome)
  }

  const report = (deviceId: string, patch: JsonObject) =>
    void reported.set(deviceId, mergePatch(reported.get(deviceId) ?? {}, patch))

  function send(
    topic: string,
    body: JsonObject,
    command: Pick<Pending, 'deviceId' | 'wanted'>,
  ): Promise<CommandOutcome> {
    const id = newId()
    return new Promise(resolve => {
      const timer = setTimeout(() => settle(id, { done: false, msg: 'no answer in time' }), timeoutMs)
      const settled = (outcome: CommandOutcome) => {
        clearTimeout(timer)
        resolve(outcome)
      }
      changing(command.deviceId, () => pending.set(id, { ...command, spokenOf: new Set(), settle: settled }))
      const failed = (cause: unknown) =>
        settle(id, { done: false, msg: cause instanceof Error ? cause.message : String(cause) })
      try {
        Promise.resolve(publish(topic, JSON.stringify({ ...body, id }))).catch(failed)
      } catch (cause) {
        failed(cause)
      }
    })
  }

  /** An answer of the device or the broker: settles the command of that id. */
  function answered({ id, code, msg }: JsonObject): void {
    if (typeof id !== 'string') return
    if (code === 0) settle(id, { done: true })
    else if (typeof code === 'number') settle(id, { done: false, code, msg: typeof msg === 'string' ? msg : '' })
  }

  /** A report that says what was wanted answers the commands that wanted it. */
  function stateReported(deviceId: string, patch: JsonObject, isWhole: boolean): void {
    changing(deviceId, () => (isWhole ? void reported.set(deviceId, patch) : report(deviceId, patch)))
    for (const [id, { wanted = {}, spokenOf }] of pendingOf(deviceId)) {
      const properties = Object.keys(wanted)
      for (const property of properties) if (hasOwn(patch, property)) spokenOf.add(property)
      const isAsWanted = properties.every(property => isSameJson(patch[property], wanted[property]))
      if (properties.length > 0 && isAsWanted) settle(id, { done: true })
    }
  }

  return {
    state,
    pending: deviceId => [...new Set(pendingOf(deviceId).flatMap(([, { wanted = {} }]) => Object.keys(wanted)))],
    received(topic, payload, retained) {
      const parsed = parseTopic(topic)
      const body = parsed && parseObject(payload)
      if (!body) return
      if (parsed.kind === 'state') stateReported(parsed.deviceId, body, retained)
      else if (parsed.kind === 'ack') {
        const isOwn = typeof body.id === 'string' && pending.get(body.id)?.deviceId === parsed.deviceId
        if (isOwn) answered(body)
      } else if (parsed.kind === 'notify' && (parsed.name === 'denied' || parsed.name === 'device-offline'))
        answered(body)
    },
    set: (deviceId, wanted) => send(topics.set(deviceId), wanted, { deviceId, wanted }),
    invoke: (deviceId, action, input) =>
      send(topics.invoke(deviceId, action), input === undefined ? {} : { input }, { deviceId }),
    forget(deviceId, msg) {
      for (const [id] of pendingOf(deviceId)) settle(id, { done: false, msg })
      reported.delete(deviceId)
    },
  }
}

const without = (object: JsonObject, keys: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)))

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
