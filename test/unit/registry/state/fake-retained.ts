import type { RetainedPublisher } from '../../../../src/domain/device-traffic.ts'

/** {@link RetainedPublisher} in memory. */
export interface FakeRetained extends RetainedPublisher {
  readonly retained: Map<string, string>
  /** What members were told, and what was only replaced, in order. */
  readonly published: [topic: string, payload: string][]
  readonly replaced: [topic: string, payload: string][]
}

export function createFakeRetained(): FakeRetained {
  const retained = new Map<string, string>()
  const published: [string, string][] = []
  const replaced: [string, string][] = []
  const put = (topic: string, payload: string) => {
    if (payload === '') retained.delete(topic)
    else retained.set(topic, payload)
  }
  return {
    retained,
    published,
    replaced,
    async publishRetained(topic, payload) {
      published.push([topic, payload])
      put(topic, payload)
    },
    async replaceRetained(topic, payload) {
      replaced.push([topic, payload])
      put(topic, payload)
    },
  }
}
