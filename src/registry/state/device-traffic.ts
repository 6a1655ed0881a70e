import type { Command, CommandVerdict, DeviceTraffic } from '../../domain/device-traffic.ts'
import { hasRepeatedKey, type JsonObject, type JsonScan, parseJsonObject, scanJson } from '../../domain/json.ts'
import type { RefusalCode } from '../../protocol/codes.ts'
import { requestIdSchema } from '../../protocol/envelope.ts'
import { maxValues, tooManyValues } from '../types/bounded-json.ts'
import type { DeviceType } from '../types/device-type.ts'
import type { ThingModels } from '../types/thing-models.ts'
import type { DeviceStates } from './device-states.ts'

interface Options {
  readonly models: ThingModels
  /** The type of a registered device. */
  readonly deviceType: (deviceId: string) => string | undefined
  readonly states: Pick<DeviceStates, 'reported' | 'now'>
}

/** Checks commands against thing models, and hands reports on to be folded. Synchronous; never throws for any payload. */
export function createDeviceTraffic({ models, deviceType, states }: Options): DeviceTraffic {
  return {
    checkCommand(command) {
      const typeName = deviceType(command.deviceId)
      const scan = scanJson(command.payload)
      if (scan.values > maxValues) return verdict(undefined, { code: 2005, reason: `the command ${tooManyValues}` })
      const body = parseCommand(command, scan)
      if ('refused' in body) return verdict(body.id, { code: 4000, reason: body.refused })
      if (typeName === undefined) return verdict(body.id, { code: 2001, reason: 'no such device' })
      const type = models.get(typeName)
      const reason = type ? violation(type, command.action, body) : `there is no thing model ${typeName}`
      return verdict(body.id, reason === undefined ? undefined : { code: 2005, reason })
    },
    reported(deviceId, payload) {
      const { forReaders, refused, values } = states.reported(deviceId, payload)
      return {
        forReaders,
        values,
        denied: refused.map(({ property, reason }) =>
          property === '' ? { code: 2005, reason } : { property, code: 2005, reason: `${property}: ${reason}` },
        ),
      }
    },
    stateNow: deviceId => states.now(deviceId),
  }
}

interface CommandBody {
  readonly id: string | undefined
  /** Everything but `id`. */
  readonly rest: JsonObject
}

function parseCommand(
  { action, payload }: Command,
  scan: JsonScan,
): CommandBody | { id: string | undefined; refused: string } {
  const body = action !== undefined && payload.length === 0 ? {} : parseJsonObject(payload)
  if (!body) return { id: undefined, refused: 'the payload must be a JSON object' }
  const { id: sent, ...rest } = body
  const id = requestIdSchema.safeParse(sent)
  if (!id.success) return { id: undefined, refused: 'id must be a string of at most 64 characters' }
  // The device is sent the text, not what was made of it here.
  if (hasRepeatedKey(scan, body)) return { id: id.data, refused: 'a key must not stand twice in an object' }
  const keys = Object.keys(rest)
  if (action === undefined) {
    return keys.length > 0 ? { id: id.data, rest } : { id: id.data, refused: 'there must be at least one property' }
  }
  return keys.every(key => key === 'input')
    ? { id: id.data, rest }
    : { id: id.data, refused: 'an invocation holds only id and input' }
}

function violation(type: DeviceType, action: string | undefined, { rest }: CommandBody): string | undefined {
  if (action !== undefined) {
    const reason = type.checkAction(action, rest.input)
    return reason && `${action}: ${reason}`
  }
  const refused = type.checkSet(rest)
  return refused && `${refused.property.slice(0, 64)}: ${refused.reason}`
}

function verdict(id: string | undefined, refusal?: { code: RefusalCode; reason: string }): CommandVerdict {
  const known = id === undefined ? {} : { id }
  return refusal ? { forward: false, ...known, ...refusal } : { forward: true, ...known }
}
