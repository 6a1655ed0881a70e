import type { MqttClient } from 'mqtt'
import { type JsonObject, type JsonValue, mergePatch } from '../../src/protocol/json.ts'
import type { DataOf } from '../../src/protocol/operations.ts'
import { type Answer, createRequests, type Requests } from '../../src/protocol/requests.ts'
import { parseTopic, topics } from '../../src/protocol/topics.ts'
import { createDeviceCommands, type InvokeHandler, type SetHandler } from './device-commands.ts'
import { type Backoff, type ConnectionStatus, defaultBackoff, keepConnected } from './keep-connected.ts'
import { parseRefusal, type Refusal, refusalLine } from './refusals.ts'

/** The three facts about a device, and what may be changed about its connection. */
export interface DeviceOptions {
  /** `mqtt://host:1883`, `mqtts://…`, `ws://host:8080/mqtt` or `wss://…`. */
  readonly url: string
  readonly id: string
  readonly secret: string
  readonly onStatus?: (status: ConnectionStatus) => void
  /** Told what the broker has refused of what the device sent; when not given, a line goes to stderr. */
  readonly onRefused?: (refusal: Refusal) => void
  readonly backoff?: Partial<Backoff>
  readonly random?: () => number
}

/** A device on the broker. */
export interface Device {
  readonly id: string
  /** Everything reported so far. */
  state(): JsonObject
  /** Changes the state by a merge patch (RFC 7396) and sends the patch when connected; every connection begins with the whole state. */
  report(patch: JsonObject): void
  /** Sets the handler of `set`; the last one counts. */
  onSet(handler: SetHandler): void
  onInvoke(action: string, handler: InvokeHandler): void
  /** Sends an event at least once: kept while offline, the last hundred of them. */
  event(name: string, data?: JsonValue): void
  /**
   * * The device's button was held: while nobody owns the device, the code on its label is valid again for two minutes. Resolves with the outcome; `offline`
   * while there is no connection.
   */
  offer(): Promise<Answer<DataOf<'device/offer'>>>
  close(): Promise<void>
}

const qos = 1
const maxPendingEvents = 100
const warn = (refusal: Refusal) => console.warn(refusalLine(refusal))

/** Connects a device to Latchkey and keeps it connected until `close()`. Throws only for an invalid URL. */
export function connectDevice(options: DeviceOptions): Device {
  const { url, id, secret, onStatus = () => {}, onRefused = warn, backoff, random = Math.random } = options
  const pending = new Set<{ readonly topic: string; readonly payload: string }>()
  /** Top-level properties that were removed: a whole report must still say so. */
  const removed = new Set<string>()
  let state: JsonObject = {}

  const send = (topic: string, message: unknown) =>
    connection.current()?.publish(topic, JSON.stringify(message), { qos }, () => {})

  const commands = createDeviceCommands({ report, ack: ack => send(topics.ack(id), ack) })

  function report(patch: JsonObject): void {
    if (Object.keys(patch).length === 0) return
    for (const [property, value] of Object.entries(patch)) {
      if (value === null) removed.add(property)
      else removed.delete(property)
    }
    state = mergePatch(state, patch)
    send(topics.state(id), patch)
  }

  let requests: Requests | undefined

  async function opened(client: MqttClient): Promise<void> {
    requests?.end()
    requests = createRequests({
      send: (operation, payload) => client.publish(topics.request(id, operation), payload, { qos }, () => {}),
    })
    const gone = Object.fromEntries([...removed].map(property => [property, null]))
    if (removed.size > 0 || Object.keys(state).length > 0) send(topics.state(id), { ...gone, ...state })
    for (const event of pending) sendEvent(client, event)
    await client.subscribeAsync(
      [topics.set(id), topics.invoke(id, '+'), topics.notifications(id), topics.replies(id)],
      {
        qos,
      },
    )
  }

  /** Pending until it is acknowledged. */
  function sendEvent(client: MqttClient, event: { readonly topic: string; readonly payload: string }): void {
    client.publish(event.topic, event.payload, { qos }, error => {
      if (!error) pending.delete(event)
    })
  }

  const connection = keepConnected({
    url,
    id,
    secret,
    random,
    backoff: { ...defaultBackoff, ...backoff },
    opened,
    message(topic, payload) {
      const parsed = parseTopic(topic)
      if (parsed?.kind === 'reply') return requests?.answered(payload.toString())
      const refusal = parseRefusal(topic, payload)
      if (refusal) onRefused(refusal)
      else void commands.received(topic, payload)
    },
    status: onStatus,
  })

  return {
    id,
    state: () => state,
    report,
    onSet: commands.onSet,
    onInvoke: commands.onInvoke,
    event(name, data = null) {
      const event = { topic: topics.event(id, name), payload: JSON.stringify(data) }
      pending.add(event)
      const [oldest] = pending
      if (pending.size > maxPendingEvents && oldest) pending.delete(oldest)
      const client = connection.current()
      if (client) sendEvent(client, event)
    },
    async offer() {
      if (!connection.current() || !requests) return { ok: false, code: 'offline' }
      return requests.ask('device/offer', {})
    },
    close: connection.close,
  }
}
