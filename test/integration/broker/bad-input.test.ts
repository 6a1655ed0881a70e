import { expect, test } from 'vitest'
import { toJSONSchema } from 'zod/v4/core'
import type { Access } from '../../../src/protocol/operation.ts'
import { operations } from '../../../src/protocol/operations.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { connectGuest, connectWithToken, type TestClient, wechatCode } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { operatorToken, password, registerUser } from '../../support/story.ts'

/** A request that the schema accepts, for each operation with fields. */
const good: Record<string, Record<string, unknown>> = {
  'auth/login': { code: wechatCode('nobody') },
  'auth/bind': { username: 'nobody', password, code: wechatCode('nobody') },
  'auth/register': { username: 'nobody', password, code: wechatCode('nobody') },
  'auth/signin': { username: 'nobody', password },
  'auth/unbind': { password, link: '0123456789abcdef' },
  'auth/password': { current: password, next: password },
  'auth/logout': { everywhere: true },
  'account/signout': { signIn: 'another' },
  'account/delete': { password, devices: 'release' },
  'device/list': { models: 'once' },
  'device/claim': { deviceId: 'lamp-1', code: 'ABCD-EFGH' },
  'device/release': { deviceId: 'lamp-1' },
  'device/rename': { deviceId: 'lamp-1', name: 'Lamp' },
  'device/share': { deviceId: 'lamp-1', role: 'viewer', ttl: 60 },
  'device/accept': { invitation: 'AAAAAAAAAAAAAAAAAAAAAA' },
  'device/invitation': { invitation: 'AAAAAAAAAAAAAAAAAAAAAA' },
  'device/invitations': { deviceId: 'lamp-1' },
  'device/withdraw': { deviceId: 'lamp-1', invitationId: 'AAAAAAAAAAAAAAAAAAAAAA' },
  'device/role': { deviceId: 'lamp-1', userId: 'somebody', role: 'viewer' },
  'device/members': { deviceId: 'lamp-1' },
  'device/revoke': { deviceId: 'lamp-1', userId: 'somebody' },
  'device/history': { deviceId: 'lamp-1', property: 'brightness', from: 1, to: 2, points: 3 },
  'device/usage': { deviceId: 'lamp-1', property: 'energy', edges: [1, 2] },
  'account/history': { after: 'lamp-1' },
  'device/enroll': { type: 'lamp', serial: 'SN1', timestamp: 1, signature: 'a'.repeat(64) },
  'ops/sessions': { search: 'x', offset: 0, limit: 1, kind: 'user', sort: 'name', descending: false },
  'ops/user/wechat': { username: 'nobody' },
  'ops/user/unbind': { username: 'nobody', link: '0123456789abcdef' },
  'ops/kick': { clientId: 'phone' },
  'ops/session/stored': { search: 'x', offset: 0, limit: 1, kind: 'user' },
  'ops/session/forget': { clientId: 'phone' },
  'ops/log-level': { level: 'info' },
  'ops/trace': { client: 'phone', user: 'nobody', device: 'lamp-1', minutes: 1 },
  'ops/users': { search: 'x', offset: 0, limit: 1 },
  'ops/user/disable': { username: 'nobody' },
  'ops/user/enable': { username: 'nobody' },
  'ops/user/signout': { username: 'nobody' },
  'ops/token/revoke': { tokenId: 't1' },
  'ops/devices': { search: 'x', offset: 0, limit: 1 },
  'ops/device/add': { type: 'lamp', deviceId: 'lamp-1', name: 'Lamp' },
  'ops/device/reset': { deviceId: 'lamp-1' },
  'ops/device/disable': { deviceId: 'lamp-1' },
  'ops/device/enable': { deviceId: 'lamp-1' },
  'ops/address/block': { address: '192.0.2.1', minutes: 5 },
  'ops/address/unblock': { address: '192.0.2.1' },
  'ops/audit': {},
  'ops/explain': { user: 'nobody', publish: 'a/b' },
}

/** What is nothing bad for a field: text that is only searched, matched or compared, and a boolean. */
const fine: Record<string, readonly string[]> = {
  after: ['with emoji', 'with NUL'],
  clientId: ['with emoji'],
  name: ['with emoji'],
  search: ['with emoji', 'with NUL'],
  signIn: ['with emoji', 'with NUL'],
  who: ['with emoji', 'with NUL'],
  publish: ['with emoji', 'with NUL'],
  subscribe: ['with emoji'],
  deliver: ['with emoji'],
  descending: ['of the wrong type'],
  retain: ['of the wrong type'],
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
/** JSON texts that no field accepts. */
const badValues: Record<string, string> = {
  'of the wrong type': 'true',
  'a fraction': '4.5',
  negative: '-1',
  'an object': '{"__proto__":{"x":1}}',
  null: 'null',
  'too long': JSON.stringify('a'.repeat(2000)),
  'with emoji': JSON.stringify('💡'),
  'with NUL': JSON.stringify('a\0b'),
  '5,000 nested arrays': nested(5000),
  '10,000 nested arrays': nested(10_000),
}
const shapeOf = (operation: (typeof operations)[keyof typeof operations]) =>
  toJSONSchema(operation.request, { io: 'input' })
const fields = Object.entries(operations).flatMap(([name, operation]) =>
  Object.keys(shapeOf(operation).properties ?? {}).map(field => [name, field, operation] as const),
)

async function clientFor(running: RunningApp, access: readonly Access[]): Promise<TestClient> {
  if (access.includes('guest')) return connectGuest(running.wsUrl)
  if (access.includes('user')) return (await registerUser(running, 'alice')).client
  return connectWithToken(running.wsUrl, await operatorToken(running))
}

/** Sends a body as it is written and resolves with the code of its reply; several replies of one operation come in order. */
async function codeOf(client: TestClient, operation: string, body: string): Promise<{ code: number; msg: string }> {
  const topic = topics.reply(client.id, operation)
  const before = client.received.filter(message => message.topic === topic).length
  client.mqtt.publish(topics.request(client.id, operation), body)
  const all = () => client.received.filter(message => message.topic === topic)
  await client.message(topic, message => all().indexOf(message) === before)
  return JSON.parse(all()[before]?.payload ?? '{}')
}

test('the matrix covers every operation that has fields', () => {
  expect(new Set(fields.map(([name]) => name))).toEqual(new Set(Object.keys(good)))
})

test.each(fields)('%s: a bad %s is answered, names the field, and stores nothing', async (name, field, operation) => {
  await using running = await startApp()
  await using client = await clientFor(running, operation.access)
  const accountsBefore = (await running.admin.store.accounts.listAccounts()).length
  const { [field]: _left, ...without } = good[name] ?? {}
  const optional = !shapeOf(operation).required?.includes(field)
  if (!optional) {
    const missing = await codeOf(client, name, JSON.stringify(without))
    expect(missing.code).toBe('missing' in operation ? operation.missing : 4000)
    expect(missing.msg).toContain(field)
  }
  for (const [what, json] of Object.entries(badValues)) {
    if (json === JSON.stringify(good[name]?.[field]) || fine[field]?.includes(what)) continue
    const rest = JSON.stringify(without).slice(1, -1)
    const { code, msg } = await codeOf(client, name, `{${rest}${rest && ','}"${field}":${json}}`)
    expect(code, `${name} with ${field} ${what}: ${msg}`).toBe(4000)
    if (what !== '10,000 nested arrays') expect(msg).toContain(field) // that one is larger than a request may be
    expect(msg).not.toMatch(/Invalid|Too (big|small)/)
  }
  expect(client.mqtt.connected).toBe(true)
  expect(await running.admin.store.accounts.listAccounts()).toHaveLength(accountsBefore)
})

test.each([
  ['that is empty', '', 4000],
  ['that is an array', '[]', 4000],
  ['that is a string', '"text"', 4000],
  ['cut off', '{', 4000],
  ['with an id that is a number', '{"id":5}', 4000],
  ['with an id of 65 characters', `{"id":"${'x'.repeat(65)}"}`, 4000],
  ['of 17,000 bytes', `{"pad":"${'x'.repeat(17_000)}"}`, 4000],
  ['of nothing but an id', '{"id":"7"}', 4003],
])('a body %s is answered with its code, and the connection lives', async (_what, body, expected) => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl)
  expect((await codeOf(guest, 'account/me', body)).code).toBe(expected)
  expect((await codeOf(guest, 'no/such', '{}')).code).toBe(4004)
  expect((await codeOf(guest, '__proto__/x', '{}')).code).toBe(4004)
})
