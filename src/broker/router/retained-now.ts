import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { Message } from '../../domain/message.ts'
import type { MqttStore } from '../../domain/mqtt-state/mqtt-store.ts'
import { parseTopic } from '../../protocol/topics.ts'
import type { GroupCommit } from '../commit/group-commit.ts'

/**
 * The retained message on each of these topics at the moment when this resolves; undefined where there is none. A device's state is the registry's, which
 * is never that of a former owner. Rejects with a fault of the store.
 */
export type RetainedNow = (topics: readonly string[]) => Promise<readonly (Message | undefined)[]>

/** A message that is replaced while it is read is read again, this many times. Then it is left out: its reader is sent the newer one as an ordinary message. */
const maxReadings = 4

export function createRetainedNow(parts: {
  readonly store: Pick<MqttStore, 'retained'>
  readonly commits: Pick<GroupCommit, 'settled' | 'watch'>
  readonly traffic: Pick<DeviceTraffic, 'stateNow'>
}): RetainedNow {
  const { store, commits, traffic } = parts

  async function read(topics: readonly string[]) {
    const replaced = new Set<string>()
    const stop = commits.watch(write => {
      if (write.kind === 'message' && write.retained) replaced.add(write.retained.message.topic)
    })
    try {
      for (let readings = 1; ; readings++) {
        replaced.clear()
        await commits.settled()
        const found = await store.retained.on(topics)
        const isReplaced = (topic: string) => replaced.has(topic)
        if (!topics.some(isReplaced)) return found
        if (readings === maxReadings)
          return found.map((message, at) => (isReplaced(topics[at] ?? '') ? undefined : message))
      }
    } finally {
      stop()
    }
  }

  function stateOn(topic: string, deviceId: string): Message | undefined {
    const payload = traffic.stateNow(deviceId)
    return payload.length === 0 ? undefined : { topic, payload, qos: 1, retain: true }
  }

  return async topics => {
    const devices = topics.map(topic => {
      const parsed = parseTopic(topic)
      return parsed?.kind === 'state' ? parsed.deviceId : undefined
    })
    const others = topics.filter((_, at) => devices[at] === undefined)
    const found = others.length > 0 ? await read(others) : []
    const left = found[Symbol.iterator]()
    return topics.map((topic, at) => {
      const deviceId = devices[at]
      return deviceId === undefined ? left.next().value : stateOn(topic, deviceId)
    })
  }
}
