import { setImmediate, setTimeout } from 'node:timers/promises'
import { expect } from 'vitest'
import { publishPacket } from './packets.ts'
import { connectRaw, packetsOf, subscribePacket } from './raw-client.ts'
import type { RunningApp } from './start-app.ts'

const windowSamples = 100
const everyMs = 2
const windowsBefore = 3
const leastWindows = 5
const mostWindows = 25
const topic = 'app/healthy'

/** Two well-behaved clients, of which one sends and the other one hears it. */
export interface HealthyPair extends Disposable {
  /**
   * Does `abuse` again and again while the pair exchanges a message every 2 ms, in windows of a hundred. The p99 of two of the first five windows
   * must be under 50 ms, or, on a machine that is busy with something else, within three times of what it was just before; or, of as many windows
   * as it takes for that something else to be over, up to 25.
   */
  stayHealthyWhile(abuse: () => Promise<unknown>): Promise<void>
}

/** Connects a pair over TCP, from the address `from` when given; they are integrations, so that nothing but routing takes their time. */
export async function connectHealthyPair(running: RunningApp, from?: string): Promise<HealthyPair> {
  const acl = [{ permission: 'allow', action: 'all', topic }] as const
  const { token } = await running.admin.tokens.issueForService('healthy', acl, 3600)
  const connect = (clientId: string) =>
    connectRaw('tcp', running.app.ports.mqtt, { clientId, username: 'jwt', password: token }, from)
  const [hearing, sending] = [await connect('healthy-hears'), await connect('healthy-sends')]
  const heard = packetsOf(hearing)
  hearing.send(subscribePacket(1, topic))
  await expect.poll(() => heard.length).toBe(1)
  let onHeard = () => {}
  hearing.onBytes(() => onHeard())

  /** The p99 of one window: from when each message was due, so that a sender that is itself held up hides nothing. */
  async function p99(): Promise<number> {
    heard.length = 0
    const startedAt = performance.now()
    const dueAt = (n: number) => startedAt + n * everyMs
    const times: number[] = []
    onHeard = () => {
      while (times.length < heard.length) times.push(performance.now() - dueAt(times.length))
    }
    for (let sent = 0; sent < windowSamples; ) {
      for (; sent < windowSamples && dueAt(sent) <= performance.now(); sent++) sending.send(publishPacket(topic, 'x'))
      await setTimeout(everyMs)
    }
    await expect.poll(() => times.length, { interval: 5 }).toBe(windowSamples)
    return times.sort((a, b) => a - b)[windowSamples - 2] ?? Number.POSITIVE_INFINITY
  }

  /** The second best of several windows: what is done all the time shows in each, what others do on this machine for a moment does not. */
  async function p99Of(least: number, most = least, bar = Number.POSITIVE_INFINITY): Promise<number> {
    const found: number[] = []
    const secondBest = () => found.toSorted((a, b) => a - b)[1] ?? Number.POSITIVE_INFINITY
    while (found.length < least || (found.length < most && secondBest() >= bar)) found.push(await p99())
    return secondBest()
  }

  return {
    async stayHealthyWhile(abuse) {
      const bar = Math.max(50, 3 * (await p99Of(windowsBefore)))
      let measured = false
      const abused = (async () => {
        while (!measured) {
          await abuse()
          await setImmediate()
        }
      })()
      const failed = abused.then(() => Number.NaN)
      const meanwhile = await Promise.race([p99Of(leastWindows, mostWindows, bar), failed])
      measured = true
      await abused
      expect(meanwhile).toBeLessThan(bar)
    },
    [Symbol.dispose]() {
      sending.close()
      hearing.close()
    },
  }
}
