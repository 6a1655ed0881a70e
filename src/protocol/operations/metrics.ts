import * as z from 'zod/mini'
import { operation } from '../operation.ts'

const count = z.number()
const inAndOut = z.strictObject({ in: count, out: count })

/** The numbers that the console draws; /metrics has more. */
export const metricsOperations = {
  'ops/metrics': operation({
    access: ['operator'],
    summary: 'the main figures: totals since the start, and current values of what is open, waiting or late',
    request: z.object({}),
    data: z.strictObject({
      /** Milliseconds since 1970. */
      at: z.number(),
      startedAt: z.number(),
      /** Open now, by whom they act for. */
      connections: z.strictObject({ guest: count, user: count, operator: count, device: count, service: count }),
      /** Kept for clients that are not connected. */
      storedSessions: count,
      /** PUBLISH packets, requests and replies among them. */
      messages: inAndOut,
      bytes: inAndOut,
      /** Messages that did not fit into the queue of a session, or were for a reader who was behind. */
      dropped: count,
      /** Those of `auth/…` are the sign-ins. */
      requests: z.readonly(z.array(z.strictObject({ operation: z.string(), code: z.number(), count }))),
      /** By rule of the policy. */
      refusals: z.readonly(z.array(z.strictObject({ rule: z.string(), count }))),
      /** Seconds, in the last window of ten. */
      eventLoopDelay: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }),
      memory: z.strictObject({ rss: z.number(), heapUsed: z.number() }),
      /** Passwords that wait for a turn at argon2id. */
      passwordQueue: count,
      wechat: z.strictObject({ calls: count, errors: count }),
    }),
    codes: [],
  }),
} as const
