import type { Code } from '../../src/protocol/codes.ts'
import { isJsonObject, type JsonObject } from '../../src/protocol/json.ts'
import { parseTopic } from '../../src/protocol/topics.ts'

/** Applies wanted properties. Returns those that it accepted, with their values now; throws, with words for the user, when it cannot. */
export type SetHandler = (wanted: JsonObject) => JsonObject | Promise<JsonObject>
/** Carries out an action. `input` is as the thing model declares it, or undefined. Throws, with words for the user, when it cannot. */
export type InvokeHandler = (input: unknown) => unknown

/** The answer to a command that had an id. */
export interface Ack {
  readonly id: string
  readonly code: Code
  readonly msg?: string
}

interface Options {
  readonly report: (patch: JsonObject) => void
  readonly ack: (ack: Ack) => void
}

/** Handles the commands that a device receives. */
export interface DeviceCommands {
  onSet(handler: SetHandler): void
  onInvoke(action: string, handler: InvokeHandler): void
  /** Never rejects. Ignores anything that is no command. */
  received(topic: string, payload: Uint8Array): Promise<void>
}

const valueRefused = 2005
const maxMessageLength = 200

/** Calls the handlers; reports what a `set` accepted, then acknowledges, so that an app that waits for the ack has the new values already. */
export function createDeviceCommands({ report, ack }: Options): DeviceCommands {
  const actions = new Map<string, InvokeHandler>()
  let set: SetHandler = () => {
    throw new Error('nothing can be set')
  }

  async function run(topic: string, { id: _id, ...command }: JsonObject): Promise<void> {
    const parsed = parseTopic(topic)
    if (parsed?.kind === 'set') report(await set(command))
    if (parsed?.kind !== 'invoke') return
    const action = actions.get(parsed.name)
    if (!action) throw new Error(`no action ${parsed.name}`)
    await action(command.input)
  }

  return {
    onSet(handler) {
      set = handler
    },
    onInvoke: (action, handler) => void actions.set(action, handler),
    async received(topic, payload) {
      const command = parseCommand(payload)
      if (!command) return
      const answer = (outcome: Omit<Ack, 'id'>) => {
        if (typeof command.id === 'string') ack({ id: command.id, ...outcome })
      }
      try {
        await run(topic, command)
        answer({ code: 0 })
      } catch (error) {
        const msg = error instanceof Error ? error.message : String(error)
        answer({ code: valueRefused, msg: msg.slice(0, maxMessageLength) })
      }
    },
  }
}

/** An empty payload is an invocation without input. */
function parseCommand(payload: Uint8Array): JsonObject | undefined {
  if (payload.length === 0) return {}
  try {
    const command: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    return isJsonObject(command) ? command : undefined
  } catch {
    return undefined
  }
}
