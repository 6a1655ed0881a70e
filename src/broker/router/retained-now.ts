import type { DeviceTraffic } from '../../domain/device-traffic.ts'
import type { MqttStore } from '../../domain/mqtt-store.ts'
import type { StoredMessage } from '../../domain/stored-message.ts'
import { parseTopic } from '../../protocol/topics.ts'

interface Options {
  readonly store: Pick<MqttStore, 'retainedOn'>
  readonly traffic: Pick<DeviceTraffic, 'stateNow'>
}

/**
 * What is retained on a topic at this moment: of a device's state the registry's, which is never that of a former owner. Undefined when
 * nothing is. Throws with a fault of the store.
 */
export const createRetainedNow =
  ({ store, traffic }: Options) =>
  (topic: string): StoredMessage | undefined => {
    const parsed = parseTopic(topic)
    if (parsed?.kind !== 'state') return store.retainedOn(topic)
    const payload = traffic.stateNow(parsed.deviceId)
    return payload.length === 0 ? undefined : { topic, payload, qos: 1, retain: true }
  }
