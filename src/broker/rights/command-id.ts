import { parseJsonObject } from '../../domain/json.ts'
import { maxRequestBytes, requestIdSchema } from '../../protocol/envelope.ts'
import { parseTopic } from '../../protocol/topics.ts'

/** The `id` of a command, for the answer; undefined when the message is no command, has no id, or is too large to be parsed. */
export function commandId(topic: string, payload: Uint8Array): string | undefined {
  const kind = parseTopic(topic)?.kind
  if ((kind !== 'set' && kind !== 'invoke') || payload.length > maxRequestBytes) return undefined
  return requestIdSchema.safeParse(parseJsonObject(payload)?.id).data
}
