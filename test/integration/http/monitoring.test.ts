import { request } from 'node:http'
import { expect, test } from 'vitest'
import { metricTable } from '../../../src/ops/metrics/metric-table.ts'
import { connectGuest, wechatCode } from '../../support/mqtt-client.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'
import { operatorToken, registerUser } from '../../support/story.ts'

const paths = ['/healthz', '/readyz', '/metrics']
const viaProxy = { 'x-forwarded-for': '192.0.2.1' }

async function ask(running: RunningApp, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${running.httpUrl}${path}`, { headers })
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() }
}

/** With a Host of one's own, which fetch does not let choose. */
const statusOf = (running: RunningApp, path: string, host: string): Promise<number | undefined> =>
  new Promise(resolve => {
    request(`${running.httpUrl}${path}`, { headers: { host } }, response => {
      response.resume()
      resolve(response.statusCode)
    }).end()
  })

test('this machine sees how the process is; through a proxy nobody does but operators', async () => {
  await using running = await startApp()
  const { client, token: usersToken } = await registerUser(running, 'ann')
  await using _user = client
  const token = await operatorToken(running)
  for (const path of paths) {
    expect((await ask(running, path)).status, path).toBe(200)
    const refused = await ask(running, path, viaProxy)
    expect([refused.status, refused.text], path).toEqual([403, expect.stringContaining('http.monitoring')])
    for (const wrong of [usersToken, 'nonsense', `${token}x`])
      expect((await ask(running, path, { ...viaProxy, authorization: `Bearer ${wrong}` })).status, path).toBe(403)
    expect((await ask(running, path, { ...viaProxy, authorization: `Bearer ${token}` })).status, path).toBe(200)
  }
  await running.admin.administration.revokeTokens('root')
  expect((await ask(running, '/metrics', { ...viaProxy, authorization: `Bearer ${token}` })).status).toBe(403)
})

test('a page of elsewhere that was made to lead to this machine is told nothing', async () => {
  await using running = await startApp()
  for (const path of paths) {
    expect(await statusOf(running, path, 'evil.example'), path).toBe(403)
    for (const host of ['127.0.0.1', 'localhost:8080', '[::1]:8080'])
      expect(await statusOf(running, path, host), `${path} ${host}`).toBe(200)
  }
})

test('where http.monitoring is public, anybody does', async () => {
  await using running = await startApp({ env: { LATCHKEY_HTTP_MONITORING: 'public' } })
  for (const path of paths) expect((await ask(running, path, viaProxy)).status).toBe(200)
})

test('the public keys and the WebSocket stay open to all', async () => {
  await using running = await startApp()
  expect((await ask(running, '/.well-known/jwks.json', viaProxy)).status).toBe(200)
  const status = await new Promise(resolve => {
    const headers = { ...viaProxy, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-protocol': 'mqtt' }
    const key = { 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
    const asked = request(`${running.httpUrl}/mqtt`, { headers: { ...headers, ...key } })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode)
    })
    asked.on('response', response => resolve(response.statusCode))
    asked.end()
  })
  expect(status).toBe(101)
})

test('/metrics is what the table says, with names of ours alone in its labels', async () => {
  await using running = await startApp()
  await using guest = await connectGuest(running.wsUrl, { clientId: 'a-client-of-this-test' })
  await guest.request('auth/register', { username: 'ann', password: 'a'.repeat(32), code: wechatCode('ann') })
  await guest.request('made/up')
  await guest.mqtt.publishAsync('a/topic/of/this/test', 'x', { qos: 1 })
  const { type, text } = await ask(running, '/metrics')
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind])
  expect(types).toEqual(Object.entries(metricTable).map(([name, metric]) => [name, metric.type]))
  expect(text).toContain('latchkey_requests_total{operation="auth/register",code="0"} 1')
  expect(text).toContain('latchkey_requests_total{operation="unknown",code="4004"} 1')
  expect(text).toContain('latchkey_request_duration_seconds_count{operation="auth/register"} 1')
  expect(text).toContain('latchkey_refusals_total{rule="no-rule"} 1')
  expect(text).toContain('latchkey_wechat_request_duration_seconds_count 1')
  expect(text).toMatch(/latchkey_store_commit_duration_seconds_count\{database="latchkey.db"\} [1-9]/)
  expect(text).toMatch(/latchkey_connections\{kind="user"\} 1\n/)
  for (const made of ['a-client-of-this-test', 'ann', 'made/up', 'a/topic']) expect(text).not.toContain(made)
})

test('times are in _seconds, sizes in _bytes, and only counters end in _total', () => {
  for (const [name, { type }] of Object.entries(metricTable)) {
    expect(name).toMatch(/^latchkey_[a-z_]+$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mb)(_|$)/)
  }
})

test('a disk that is short makes it not ready, and says so', async () => {
  await using running = await startApp({ configure: config => ({ ...config, disk: { minFreeBytes: 2 ** 60 } }) })
  const { status, text } = await ask(running, '/readyz')
  expect(status).toBe(503)
  expect(JSON.parse(text)).toEqual({
    status: 'not ready',
    problem: expect.stringMatching(/^disk is short: \d+ MiB free for .* less than the 1099511627776 MiB of disk/),
    checks: {
      'latchkey.db': 'ok',
      'mqtt.db': 'ok',
      proxies: 'ok',
      broker: 'ok',
      disk: expect.stringMatching(/^is short/),
    },
  })
})
