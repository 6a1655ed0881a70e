import { expect, test } from 'vitest'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { connectOperator } from '../../support/operator.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, leave, logged, ownerOf, registerUser } from '../../support/story.ts'

const phone = { clientId: 'phone', clean: false } as const

test('an operator lists stored sessions with what waits for them, and wipes one: its client comes back to nothing', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { device, client, token, userId } = await ownerOf(running, 's1')
  const away = await connectWithToken(running.wsUrl, token, phone)
  await away.subscribe('devices/s1/event/+', 1)
  await leave(running, away)
  await using sensor = await connectAsDevice(running, device)
  await sensor.mqtt.publishAsync('devices/s1/event/motion', 'kept', { qos: 1 })
  const { client: bob, token: bobs } = await registerUser(running, 'bob')
  await using tablet = await connectWithToken(running.wsUrl, bobs, { clientId: 'tablet', clean: false })

  const list = async (body = {}) => (await operator.request('ops/session/stored', body)).data as unknown
  const row = {
    clientId: 'phone',
    kind: 'user',
    name: 'owner-of-s1',
    userId,
    connected: false,
    suspended: false,
    awaySince: expect.any(Number),
    filters: 3,
    queued: 1,
    queuedBytes: expect.any(Number),
  }
  expect(await list({ search: 'OWNER-OF' })).toEqual({ total: 1, sessions: [row] })
  expect(await list({ offset: 1 })).toMatchObject({
    total: 2,
    sessions: [{ clientId: 'tablet', connected: true, awaySince: null }],
  })
  expect(await list({ kind: 'service' })).toEqual({ total: 0, sessions: [] })
  await operator.request('ops/user/signout', { username: 'owner-of-s1' })
  expect(await list({ search: 'phone' })).toMatchObject({ sessions: [{ suspended: true }] })

  expect(await operator.request('ops/session/forget', { clientId: 'nobody' })).toMatchObject({ code: 3001 })
  for (const clientId of ['phone', 'tablet'])
    expect(await operator.request('ops/session/forget', { clientId })).toMatchObject({ code: 0, data: {} })
  await tablet.closed()
  expect(logged(running, '"session-closed"', '"tablet"', '"forgotten"')).toBe(true)
  expect(await list()).toEqual({ total: 0, sessions: [] })
  const audit = await operator.request('ops/audit', { kind: 'session/forget' })
  expect(audit.data).toMatchObject({ entries: [{ target: 'client:tablet' }, { target: 'client:phone' }] })

  await using back = await connectWithToken(running.wsUrl, bobs, phone)
  expect((await back.request('account/me')).code).toBe(0)
  for (const one of [client, bob]) await one[Symbol.asyncDispose]()
})

test('a session that an operator has deleted is not there after a restart', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const { client, token } = await registerUser(running, 'ann')
  await leave(running, await connectWithToken(running.wsUrl, token, phone))
  expect((await operator.request('ops/session/forget', { clientId: 'phone' })).code).toBe(0)
  await running.app.stop()
  await using again = await startApp({ dataDir: running.config.dataDir })
  await using later = await connectOperator(again, 'later')
  expect((await later.request('ops/session/stored')).data).toEqual({ total: 0, sessions: [] })
  await client[Symbol.asyncDispose]()
})

test('latchkey session lists and wipes stored sessions of the running broker; no name drives the terminal', async () => {
  await using running = await startApp()
  const root = await connectOperator(running)
  const issued = await running.admin.tokens.issueForService('flows', [], 3600)
  const odd = { clientId: 'node\u202ered', clean: false, username: 'jwt', password: issued.token }
  await leave(running, await connectWithToken(running.mqttUrl, issued.token, odd))
  const as = ['--operator', 'root', '--url', running.mqttUrl]
  const listed = await runCommand(running, ['session', 'stored', ...as])
  expect(listed).toMatchObject({ exitCode: 0, stderr: '' })
  expect(listed.stdout).toMatch(
    /^KIND +NAME +AWAY SINCE +RIGHTS +QUEUED +CLIENT ID\nservice +flows +\S+Z +yes +0 +"node\\u202ered"\n$/,
  )
  const json = await runCommand(running, ['session', 'stored', '--search', 'flow', ...as, '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject([{ kind: 'service', connected: false }])
  const forget = (...more: string[]) => runCommand(running, ['session', 'forget', ...more, ...as])
  expect(await forget('nobody')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nobody') })
  expect(await forget(odd.clientId)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('deleted with its queue'),
  })
  expect((await runCommand(running, ['session', 'stored', ...as])).stdout).toBe('No stored sessions.\n')
  await root[Symbol.asyncDispose]()
})
