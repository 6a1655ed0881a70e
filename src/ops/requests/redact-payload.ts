import { isJsonObject, isShallow, type JsonValue } from '../../protocol/json.ts'
import { parseTopic } from '../../protocol/topics.ts'

const secretKey =
  /pass(word|wd)?$|^pwd$|^pin$|secret|token|credential|signature|invitation|openid|authorization|api_?key|claim_?code/i
const maxBytes = 4096

/** The part of a payload that may be shown: JSON without the values of secret keys. Nothing of a request, and nothing that is not JSON. */
export function redactPayload(topic: string, payload: Uint8Array | string): JsonValue | undefined {
  if (payload.length > maxBytes || parseTopic(topic)?.kind === 'request' || topic.startsWith('request/'))
    return undefined
  try {
    const value: JsonValue = JSON.parse(typeof payload === 'string' ? payload : Buffer.from(payload).toString())
    return isShallow(value) ? redacted(value) : undefined
  } catch {
    return undefined
  }
}

function redacted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(redacted)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secretKey.test(key) ? '[hidden]' : redacted(inner)]),
  )
}
