import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import { parseTopic } from '../../protocol/topics.ts'

interface Options {
  readonly store: Pick<MqttStore, 'retainedOn'>
  readonly traffic: Pick<DeviceTraffic, 'stateNow'>
  readonly onFault: (where: string, cause: unknown) => void
}

/**
 * The payload of what is retained on a topic at this moment: of a device's state the registry's, whose reports are retained off the message
 * path. Undefined when nothing is, and after a fault of the store, which is announced.
 */
export function createRetainedNow({ store, traffic, onFault }: Options): (topic: string) => Buffer | undefined {
  function read(topic: string): Buffer | string | undefined {
    const parsed = parseTopic(topic)
    return parsed?.kind === 'state' ? traffic.stateNow(parsed.deviceId) : store.retainedOn(topic)?.payload
  }

  return topic => {
    try {
      const payload = read(topic)
      return payload === undefined || payload.length === 0 ? undefined : Buffer.from(payload)
    } catch (cause) {
      onFault('store retained', cause)
      return undefined
    }
  }
}
