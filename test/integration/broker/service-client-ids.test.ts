import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { topics } from '../../../src/protocol/topics.ts'
import { isAsynchronous } from '../../support/in-memory.ts'
import { connectClient, connectWithToken, type TestClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { addDevice, leave, logged, operatorToken, registerUser, serviceToken } from '../../support/story.ts'

const ids = ['paho/41f3', 'node red 1', '温度/计', '$SYS', 'a/b', '🏠'.repeat(64), 'x'.repeat(256)]

const connectService = (running: RunningApp, token: string, clientId: string, clean = true): Promise<TestClient> =>
  connectClient(running.mqttUrl, { username: 'jwt', password: token, clientId, clean })

test('a service connects by any text, and is delivered what is its; so is its stored session, after a restart too', async ({
  skip,
}) => {
  skip(isAsynchronous, 'it reads a file, or opens it again')
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-ids-'))
  const first = await startApp({ dataDir })
  const token = await serviceToken(first)
  for (const id of ids) {
    const client = await connectService(first, token, id, false)
    await client.subscribe('app/x', 1)
    await leave(first, client)
  }
  await first[Symbol.asyncDispose]()

  const second = await startApp({ dataDir })
  const publisher = await connectService(second, token, 'publisher')
  await publisher.mqtt.publishAsync('app/x', 'kept', { qos: 1 })
  for (const id of ids) {
    const back = await connectService(second, token, id, false)
    expect((await back.message('app/x')).payload, id).toBe('kept')
    await leave(second, back)
  }
  await leave(second, publisher)
  await second[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

test('everybody else keeps the grammar of before, and CONNACK 2', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'alice')
  const { secret } = await addDevice(running, 'lamp', 'lamp-1')
  const refused = [
    { clientId: 'paho/1', username: 'jwt', password: token },
    { clientId: 'paho/1', username: 'lamp-1', password: secret },
    { clientId: 'paho/1' },
    { clientId: 'a#', username: 'jwt', password: await serviceToken(running) },
    { clientId: 'a\u0007', username: 'jwt', password: await serviceToken(running, 'other') },
    { clientId: 'x'.repeat(257), username: 'jwt', password: await serviceToken(running, 'third') },
  ]
  for (const options of refused)
    await expect(connectClient(running.mqttUrl, options), JSON.stringify(options)).rejects.toMatchObject({ code: 2 })
  const lines = running.lines.filter(line => line.includes('"identifier-rejected"'))
  expect(lines).toHaveLength(refused.length)
  await client[Symbol.asyncDispose]()
})

test("a user reads nothing of a service whose id begins with the user's, and the service is told nothing but by the log", async () => {
  await using running = await startApp()
  const { token, client } = await registerUser(running, 'alice')
  await using user = await connectWithToken(running.wsUrl, token, { clientId: 'a' })
  await using service = await connectService(running, await serviceToken(running), 'a/b')
  for (const filter of ['notify/a/b/#', 'reply/a/b/#', 'notify/a/#', topics.notify('a/b', 'denied')])
    expect(await service.subscribe(filter), filter).toBe(128)
  await service.mqtt.publishAsync('elsewhere', 'x', { qos: 1 })
  await service.mqtt.publishAsync(topics.request('a/b', 'account/me'), '{}', { qos: 1 })
  await service.mqtt.publishAsync('request/a/auth/logout', '{"everywhere":true}', { qos: 1 })
  expect(logged(running, '"publish-refused"', '"elsewhere"', '"a/b"')).toBe(true)
  expect((await user.request('account/me')).code).toBe(0)
  expect(user.received.map(({ topic }) => topic)).toEqual([topics.reply('a', 'account/me')])
  expect(service.received).toEqual([])
  await client[Symbol.asyncDispose]()
})

test('operators find, explain, trace and kick a client by such an id; nothing of it drives a terminal or forges a line', async () => {
  await using running = await startApp()
  const id = 'gate\u202eway /\u2028"1'
  await using operator = await connectOperator(running)
  await using service = await connectService(running, await serviceToken(running), id)
  const { data } = await operator.request('ops/sessions', { search: 'gate' })
  expect(data).toMatchObject({ total: 1, sessions: [{ clientId: id }] })

  const explained = await operator.request('ops/explain', { session: id, publish: 'app/x' })
  expect(explained.data).toMatchObject({ allowed: true, rule: 'service-acl' })
  const own = await operator.request('ops/explain', { session: id, subscribe: `notify/${id}/#` })
  expect(own.data).toMatchObject({ allowed: false })

  const trace = await operator.request('ops/trace', { client: id })
  expect(trace.code).toBe(0)
  await operator.subscribe(Object(trace.data).topic)
  await service.mqtt.publishAsync('app/x', '{}', { qos: 1 })
  const published = await operator.message('ops/trace/+', ({ payload }) => payload.includes('"published"'))
  expect(JSON.parse(published.payload)).toMatchObject({ clientId: id })

  expect((await operator.request('ops/kick', { clientId: id })).code).toBe(0)
  await service.closed()
  await expect.poll(() => logged(running, '"session-closed"', '"kicked"')).toBe(true)
  expect(running.lines.join('')).not.toMatch(/\u202e|\u2028/)
  const printed = async () => (await runCommand(running, ['audit'])).stdout
  await expect.poll(printed, { timeout: 15_000 }).toContain('client:gate\\u202eway')
  expect(await printed()).not.toMatch(/\u202e|\u2028/)
  expect((await operator.request('ops/kick', { clientId: 'a#' })).code).toBe(4000)
  expect((await operator.request('ops/kick', { clientId: 'not there' })).code).toBe(3001)
})

test('latchkey logs --client and latchkey trace --client follow a client by such an id', async () => {
  await using running = await startApp()
  const id = 'gate\u202eway 1'
  const token = await serviceToken(running)
  const env = { LATCHKEY_TOKEN: await operatorToken(running) }
  const follow = (command: readonly string[], sign: string) =>
    runCommand(running, [...command, '--client', id, '--url', running.mqttUrl], {
      env,
      untilStopped: async out => {
        await expect
          .poll(
            async () => {
              await leave(running, await connectService(running, token, id))
              return out.stdout
            },
            { timeout: 15_000 },
          )
          .toContain(sign)
      },
    })
  for (const { stdout } of [
    await follow(['logs', '--follow'], 'session opened'),
    await follow(['trace'], 'connected'),
  ]) {
    expect(stdout).toContain('u202eway 1')
    expect(stdout).not.toContain('\u202e')
  }
})
