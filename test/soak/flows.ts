import type { Expectation } from './ledger.ts'

export type Qos = 0 | 1 | 2

/** One sender's messages on one topic, all at one QoS. */
export interface Flow {
  readonly topic: string
  readonly qos: Qos
  readonly sender: string
}

/** A filter to subscribe, and the flows that come by it; `isOwed` when none of them may be missing in a stored session. */
export interface Interest {
  readonly filter: string
  readonly qos: Qos
  readonly flows: readonly Flow[]
  readonly isOwed: boolean
}

/** So that what waits for a slow reader does not fit into the buffers of its link. */
const padding = 'x'.repeat(1000)

/** What the ledger calls it. */
export const flowName = ({ topic, sender }: Pick<Flow, 'topic' | 'sender'>): string => `${topic} of ${sender}`

/** What a device reports is its own and has no sender; everything else names its sender. */
export const payloadOf = ({ topic, sender }: Flow, n: number): string =>
  JSON.stringify(
    reportedBy(topic) !== undefined ? { n } : topic.startsWith('app/') ? { id: sender, n, padding } : { id: sender, n },
  )

const reportedBy = (topic: string): string | undefined => /^devices\/([^/]+)\/state$/.exec(topic)?.[1]

/** The flow and the number of a message that was received; undefined when it is none of the soak's. */
export function parseMessage(topic: string, payload: string): { flow: string; n: number } | undefined {
  const { id, n }: { id?: unknown; n?: unknown } = JSON.parse(payload)
  const sender = reportedBy(topic) ?? id
  if (typeof sender !== 'string' || typeof n !== 'number') return undefined
  return { flow: flowName({ topic, sender }), n }
}

/** What a session may expect of a flow that comes by `interest`; what a clean session misses is not kept for it. */
export function expectationOf({ qos }: Flow, interest: Interest, isClean: boolean): Expectation {
  const least = Math.min(qos, interest.qos)
  return { mustArrive: interest.isOwed && !isClean && least > 0, mayRepeat: qos === 1 || least === 1 }
}
