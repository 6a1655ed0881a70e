import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ruleMeaning } from '../../../src/domain/rule-meaning.ts'
import { isAsynchronous } from '../../support/in-memory.ts'
import { connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { type RunningApp, type StartOptions, startApp } from '../../support/start-app.ts'
import { leave, logged, serviceToken } from '../../support/story.ts'

type Bounds = Partial<RunningApp['config']['limits']>
const within = (bounds: Bounds, options: StartOptions = {}) => startApp({ ...options, limits: bounds })

const connect = async (running: RunningApp, name?: string, options = {}): Promise<TestClient> =>
  connectWithToken(running.wsUrl, await serviceToken(running, name), options)

const retain = (client: TestClient, topic: string, payload: string, qos: 0 | 1 | 2 = 1) =>
  client.mqtt.publishAsync(topic, payload, { qos, retain: true })

/** Expects exactly these topics to be retained under `app/`, in their order. */
async function expectRetained(running: RunningApp, topics: string[]): Promise<void> {
  await using reader = await connect(running, 'reader')
  await reader.subscribe('app/#', 1)
  await expect.poll(() => reader.received.filter(({ retain }) => retain).map(({ topic }) => topic)).toEqual(topics)
}

const denials = (client: TestClient) => client.received.filter(({ topic }) => topic.endsWith('/denied'))

test('an integration that retains without end is refused beyond its limit, is told so, and others may go on', async () => {
  await using running = await within({ retainedPerOwner: 2 })
  await using writer = await connect(running)
  await using other = await connect(running, 'other')
  await other.subscribe('app/#', 1)
  for (const [topic, qos] of [
    ['app/a', 1],
    ['app/b', 2],
    ['app/c', 1],
    ['app/d', 0],
  ] as const)
    await retain(writer, topic, 'x', qos)
  await expect.poll(() => denials(writer)).toHaveLength(2)
  expect(JSON.parse(denials(writer)[0]?.payload ?? '')).toMatchObject({
    topic: 'app/c',
    code: 4003,
    rule: 'retained-full',
  })
  expect(logged(running, '"publish-refused"', '"retained-full"', '"app/c"')).toBe(true)
  expect(ruleMeaning('retained-full')).toContain('limits.retainedPerOwner')
  await retain(other, 'app/o', 'x')
  expect(other.received.map(({ topic }) => topic)).toEqual(['app/a', 'app/b', 'app/o'])
  await expectRetained(running, ['app/a', 'app/b', 'app/o'])
})

test('what is replaced or cleared makes room, also when somebody else does it', async () => {
  await using running = await within({ retainedPerOwner: 2 })
  await using writer = await connect(running)
  await using other = await connect(running, 'other')
  for (const topic of ['app/a', 'app/b', 'app/a']) await retain(writer, topic, 'x')
  expect(denials(writer)).toEqual([])
  await retain(writer, 'app/a', '')
  await retain(other, 'app/b', 'taken over')
  for (const topic of ['app/c', 'app/d', 'app/e']) await retain(writer, topic, 'x')
  await expect.poll(() => denials(writer)).toHaveLength(1)
  await expectRetained(running, ['app/b', 'app/c', 'app/d'])
})

test('bytes are bounded too, topics included, and an old message does not count beside the one that replaces it', async () => {
  await using running = await within({ retainedBytesPerOwner: 2000 })
  await using writer = await connect(running)
  await retain(writer, 'app/a', 'x'.repeat(1900))
  await retain(writer, 'app/a', 'y'.repeat(1995))
  await retain(writer, 'app/b', '')
  expect(denials(writer)).toEqual([])
  await retain(writer, 'app/a', 'z'.repeat(1996))
  await retain(writer, 'app/b', 'z')
  await expect.poll(() => denials(writer)).toHaveLength(2)
})

test('a will counts, when it is sent at once and when it is sent after the broker died; so does what was retained before', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-retained-'))
  const bounds = { retainedPerOwner: 1 }
  const will = (topic: string) => ({ will: { topic, payload: Buffer.from('x'), qos: 1 as const, retain: true } })
  const first = await within(bounds, { dataDir })
  const writer = await connect(first)
  await retain(writer, 'app/a', 'x')
  const dropped = await connect(first, 'pipeline', will('app/will'))
  dropped.mqtt.stream.destroy()
  await expect.poll(() => logged(first, '"publish-refused"', '"retained-full"', '"app/will"')).toBe(true)
  await connect(first, 'pipeline', will('app/left'))

  // The first broker never stops: the second opens what a killed process would have left.
  const second = await within(bounds, { dataDir })
  expect(logged(second, '"publish-refused"', '"retained-full"', '"app/left"')).toBe(true)
  const again = await connect(second)
  await retain(again, 'app/b', 'x')
  await expect.poll(() => denials(again)).toHaveLength(1)
  await expectRetained(second, ['app/a'])
  await leave(second, again)
  await second[Symbol.asyncDispose]()
  await first[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})
