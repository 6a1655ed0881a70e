import { isDeepStrictEqual } from 'node:util'
import { topics } from '../../src/protocol/topics.ts'
import type { RunningApp } from '../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../support/story.ts'

/** A healthy user with a device, to whom nothing of the rest may matter. */
export interface Canary extends AsyncDisposable {
  /** A command to the device, its report back to the user, and a request. Resolves with the milliseconds it took; rejects when anything is missing or not theirs. */
  roundTrip(): Promise<number>
}

export const canaryId = 'canary'

/** Signs in, claims its device and connects both. */
export async function startCanary(running: RunningApp): Promise<Canary> {
  const { client: user, device: credentials } = await ownerOf(running, canaryId, 'lamp')
  const device = await connectAsDevice(running, credentials)
  await device.subscribe(topics.set(canaryId), 1)
  await user.subscribe(topics.state(canaryId), 1)
  let turn = 0

  return {
    async roundTrip() {
      const startedAtMs = performance.now()
      const wanted = { on: turn % 2 === 0, brightness: ++turn % 101 }
      device.received.length = 0
      user.received.length = 0
      user.mqtt.publish(topics.set(canaryId), JSON.stringify(wanted), { qos: 1 })
      const command = await device.message('#')
      if (!isDeepStrictEqual(JSON.parse(command.payload), wanted))
        throw new Error(`the canary's device was sent ${command.topic}: ${command.payload.slice(0, 200)}`)
      device.mqtt.publish(topics.state(canaryId), command.payload, { qos: 1 })
      await user.message(topics.state(canaryId), ({ payload }) => isDeepStrictEqual(JSON.parse(payload), wanted))
      const reply = await user.request('device/list')
      if (reply.code !== 0) throw new Error(`the canary was answered ${JSON.stringify(reply)}`)
      const foreign = user.received.find(({ topic }) => !isOwn(topic, user.id))
      if (foreign) throw new Error(`the canary was sent ${foreign.topic}`)
      if (device.received.length > 1) throw new Error("the canary's device was sent what nobody sent it")
      return performance.now() - startedAtMs
    },
    async [Symbol.asyncDispose]() {
      await user[Symbol.asyncDispose]()
      await device[Symbol.asyncDispose]()
    },
  }
}

const isOwn = (topic: string, clientId: string): boolean =>
  topic === topics.state(canaryId) || topic.startsWith(`reply/${clientId}/`)
