import { createDeviceControl } from '../../../src/protocol/device-control.ts'
import type { JsonObject } from '../../../src/protocol/json.ts'

export const stateTopic = 'devices/lamp/state'
export const ackTopic = 'devices/lamp/ack'

/** The control of a lamp that was heard to be off, with what it sends and shows. */
export function createControl(publish?: () => unknown) {
  const sent: { topic: string; body: JsonObject }[] = []
  const shown: JsonObject[] = []
  let ids = 0
  const control = createDeviceControl({
    publish(topic, payload) {
      sent.push({ topic, body: JSON.parse(payload) })
      return publish?.()
    },
    changed: (_deviceId, state) => void shown.push(state),
    newId: () => `c${++ids}`,
  })
  const hear = (topic: string, body: object, retained = false) =>
    control.received(topic, JSON.stringify(body), retained)
  hear(stateTopic, { on: false, brightness: 50 }, true)
  shown.length = 0
  return { control, sent, shown, hear }
}
