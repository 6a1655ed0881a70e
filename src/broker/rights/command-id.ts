import { parseJsonObject } from '../../domain/json.ts'
import { maxRequestBytes, requestIdSchema } from '../../protocol/envelope.ts'
import { parseTopic } from '../../protocol/topics.ts'

/** The `id` of a command, as it is to stand in the answer; undefined for what is no command, has none, or is too large to be looked at. */
export function commandId(topic: string, payload: Uint8Array): string | undefined {
  const kind = parseTopic(topic)?.kind
  if ((kind !== 'set' && kind !== 'invoke') || payload.length > maxRequestBytes) return undefined
  return requestIdSchema.safeParse(parseJsonObject(payload)?.id).data
}
