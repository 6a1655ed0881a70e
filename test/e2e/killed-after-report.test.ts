import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { topics } from '../../src/protocol/topics.ts'
import { connectClient } from '../support/mqtt-client.ts'

/** Kills the broker in the turn in which the acknowledgement of the last of `reports` arrived. */
async function reportAndKill(broker: LatchkeyProcess, secret: string, reports: readonly string[], qos: 1 | 2) {
  const lamp = await connectClient(broker.mqttUrl, { clientId: 'lamp-1', username: 'lamp-1', password: secret })
  for (const report of reports) await lamp.mqtt.publishAsync(topics.state('lamp-1'), report, { qos })
  await broker.kill()
  await lamp[Symbol.asyncDispose]()
}

test.each([1, 2] as const)(
  'every report that was acknowledged at QoS %i outlives kill -9, from the first one on',
  async qos => {
    const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
    let broker = await startLatchkey(dataDir)
    onTestFinished(() => broker.kill())
    const { secret = '' } = await broker.run(['device', 'add', '--type', 'lamp', '--id', 'lamp-1'])
    await broker.run(['user', 'add', 'root', '--role', 'operator', '--password-stdin'], 'a password')
    const { token = '' } = await broker.run(['token', 'issue', '--user', 'root'])

    const kept = async () => {
      await using operator = await connectClient(broker.mqttUrl, { username: 'jwt', password: token })
      await operator.subscribe(topics.state('lamp-1'), 1)
      return JSON.parse((await operator.message(topics.state('lamp-1'))).payload)
    }

    await reportAndKill(broker, secret, ['{"on":true}'], qos)
    broker = await startLatchkey(dataDir)
    expect(await kept()).toEqual({ on: true })

    for (let brightness = 1; brightness <= 4; brightness++) {
      await reportAndKill(broker, secret, [`{"on":false}`, `{"brightness":${brightness}}`], qos)
      broker = await startLatchkey(dataDir)
      expect(await kept()).toEqual({ on: false, brightness })
    }
    expect(await broker.stop()).toBe(0)
    await rm(dataDir, { recursive: true, force: true })
  },
)
