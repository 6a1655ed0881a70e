import { isJsonObject } from '../../src/protocol/json.ts'
import { parseTopic } from '../../src/protocol/topics.ts'

/** What the broker refused of what a device sent: a mistake of its program. */
export interface Refusal {
  /** The topic on which it was sent. */
  readonly topic: string
  /** 2005: the device type does not allow the value; 4003: the device may not publish this. */
  readonly code: number
  /** Why, in the broker's language. */
  readonly msg: string
  /** The property of a report whose value was left out; the rest of the report was delivered. */
  readonly property?: string
  /** The rule that refused the whole message. */
  readonly rule?: string
}

/** The refusal in a message on `notify/{device}/denied`; undefined for any other message. Never throws. */
export function parseRefusal(topic: string, payload: Uint8Array): Refusal | undefined {
  const parsed = parseTopic(topic)
  if (parsed?.kind !== 'notify' || parsed.name !== 'denied') return undefined
  try {
    const body: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
    if (!isJsonObject(body)) return undefined
    const { topic: sentOn, code, msg, property, rule } = body
    if (typeof sentOn !== 'string' || typeof code !== 'number' || typeof msg !== 'string') return undefined
    return {
      topic: sentOn,
      code,
      msg,
      ...(typeof property === 'string' && { property }),
      ...(typeof rule === 'string' && { rule }),
    }
  } catch {
    return undefined
  }
}

/** A line for the developer, as the firmware prints it. */
export const refusalLine = ({ topic, code, msg, property }: Refusal): string =>
  `refused: ${topic}${property === undefined ? '' : ` ${property}`}: ${msg} (${code})`
