import { hasRepeatedKey, type JsonObject, type JsonScan } from '../../domain/json.ts'
import { isShallow } from '../../protocol/json.ts'

/**
 * What readers get of a report: its own bytes, unless something in it is refused or not the same to everybody. Then it is written anew, without
 * the refused properties and without what nests too deep to be written. Undefined when nothing is left.
 */
export function reportForReaders(
  payload: Buffer,
  scan: JsonScan,
  patch: JsonObject,
  refused: ReadonlyMap<string, unknown>,
): Buffer | undefined {
  if (refused.size === 0 && !hasRepeatedKey(scan, patch)) return payload
  const shown: string[] = []
  for (const property of Object.keys(patch)) {
    if (refused.has(property) || !isShallow(patch[property])) continue
    shown.push(`${JSON.stringify(property)}:${JSON.stringify(patch[property])}`)
  }
  return shown.length === 0 ? undefined : Buffer.from(`{${shown.join(',')}}`)
}
