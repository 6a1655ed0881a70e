import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, operatorToken, registerUser } from '../../support/story.ts'

test('an operator sees the lines as they happen, also those that are not written; a user does not', async () => {
  await using running = await startApp({ env: { LATCHKEY_LOG_LEVEL: 'error' } })
  await using operator = await connectOperator(running)
  const { client } = await registerUser(running, 'ann')
  expect(await client.subscribe('ops/log/info/sessions')).toBe(128)
  expect(await operator.subscribe('ops/log/+/sessions')).toBe(0)
  await using guest = await connectClient(running.wsUrl, { clientId: 'eve' })

  const { payload, retain } = await operator.message('ops/log/info/sessions', ({ payload: text }) =>
    text.includes('eve'),
  )
  expect({ line: JSON.parse(payload), retain }).toEqual({
    retain: false,
    line: {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'info',
      module: 'sessions',
      event: 'session-opened',
      principal: 'guest',
      clientId: guest.id,
      address: '127.0.0.1',
      transport: 'ws',
      msg: 'session opened',
    },
  })
  expect(running.lines).toEqual([])
  await client[Symbol.asyncDispose]()
})

test('latchkey logs follows one user, one client or one device', async () => {
  await using running = await startApp()
  await operatorToken(running)
  const { client } = await registerUser(running, 'ann')
  const { client: other } = await registerUser(running, 'ben')
  const device = await addDevice(running, 'lamp', 'lamp-1')
  const follow = (filter: readonly string[], act: () => Promise<unknown>, awaited: string) =>
    runCommand(running, ['logs', '--follow', '--url', running.mqttUrl, '--operator', 'root', ...filter], {
      untilStopped: async out => {
        await act()
        await expect.poll(() => out.stdout).toContain(awaited)
      },
    })

  const both = async () => {
    await other.request('account/me')
    await client.request('account/me')
  }
  const byUser = await follow(['--user', 'ann', '--json'], both, 'request-answered')
  expect(byUser.exitCode).toBe(0)
  expect(
    byUser.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).username),
  ).toEqual(['ann'])

  const byClient = await follow(['--client', client.id], both, 'request answered')
  expect(byClient.stdout).toMatch(/^\S+Z INFO {2}request answered .*username=ann .*operation=account\/me code=0/)
  expect(byClient.stdout).not.toContain('ben')

  const byDevice = await follow(
    ['--device', 'lamp-1', '--level', 'info'],
    async () => (await connectAsDevice(running, device))[Symbol.asyncDispose](),
    'device offline',
  )
  expect(byDevice.stdout).toContain('device online deviceId=lamp-1')
  await client[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

test('the reference that a client gets with 5000 is the `ref` of the fault in the log, and of the line of its request', async () => {
  await using running = await startApp()
  await operatorToken(running)
  const { client } = await registerUser(running, 'ann')
  const sqlite = new Database(join(running.config.dataDir, 'latchkey.db'))
  sqlite.exec('alter table member rename to lost')
  sqlite.close()

  let ref = ''
  const logs = await runCommand(running, ['logs', '--follow', '--url', running.mqttUrl, '--operator', 'root'], {
    untilStopped: async out => {
      const { code, msg } = await client.request('device/list')
      expect({ code, msg }).toEqual({ code: 5000, msg: expect.stringMatching(/^internal error \([0-9a-f]{8}\)$/) })
      ref = msg.slice(-9, -1)
      await expect.poll(() => out.stdout).toContain('request answered')
    },
  })
  const lines = logs.stdout.split('\n').filter(line => line.includes(` ref=${ref}`))
  expect(lines).toEqual([
    expect.stringMatching(/ERROR .*: request device\/list .*where="request device\/list"/),
    expect.stringMatching(/INFO .*operation=device\/list code=5000/),
  ])
  await client[Symbol.asyncDispose]()
})

test('latchkey logs says why it cannot follow', async () => {
  await using running = await startApp()
  await operatorToken(running)
  const { client, token } = await registerUser(running, 'ann')
  const logs = ['logs', '--follow', '--url', running.mqttUrl]
  for (const [args, env, exitCode, sentence] of [
    [logs, {}, 1, 'LATCHKEY_TOKEN'],
    [[...logs, '--operator', 'nobody'], {}, 1, 'no operator named "nobody"'],
    [[...logs, '--operator', 'ann'], {}, 1, 'no operator named "ann"'],
    [[...logs, '--operator', 'root', '--user', 'nobody'], {}, 1, 'no user named "nobody"'],
    [logs, { LATCHKEY_TOKEN: token }, 1, "is the token an operator's?"],
    [logs, { LATCHKEY_TOKEN: 'x' }, 1, running.mqttUrl],
    [['logs'], {}, 2, '--follow'],
    [[...logs, '--level', 'loud'], {}, 2, '--level'],
  ] as const) {
    const run = await runCommand(running, args, { env: { ...env } })
    expect({ exitCode: run.exitCode, stderr: run.stderr }).toEqual({
      exitCode,
      stderr: expect.stringContaining(sentence),
    })
  }
  await client[Symbol.asyncDispose]()
})
