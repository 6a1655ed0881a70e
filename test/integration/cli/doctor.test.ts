import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { startWechatStandIn } from '../../../src/wechat/wechat-stand-in.ts'
import { createAuthority } from '../../support/network/certificates.ts'
import { examine } from '../../support/processes/examine.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { type RunningApp, startApp } from '../../support/start-app.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-doctor-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** How many descriptors there may be is this machine's own affair. */
const isBad = ({ check, outcome }: Finding) => outcome !== 'ok' && check !== 'descriptors'

const dayMs = 86_400_000
async function certified(name: string, notBefore: Date, notAfter: Date): Promise<Record<string, string>> {
  const { cert, key } = createAuthority().issue({ commonNames: ['mqtt.example.com'], notBefore, notAfter })
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  await writeFile(certFile, cert)
  await writeFile(keyFile, key)
  return { LATCHKEY_TLS_CERT: certFile, LATCHKEY_TLS_KEY: keyFile, LATCHKEY_MQTTS_PORT: '0' }
}

test('beside its own running broker all is well, and it knows that the broker holds the ports', async () => {
  await using running = await startApp()
  const { exitCode, ok, checks, of } = await examine(running)
  expect(checks.filter(isBad)).toEqual([])
  expect([exitCode, ok]).toEqual([0, true])
  expect(of('HTTP port')[0]?.found).toContain('our running broker')
  expect(of('MQTT port')[0]?.found).toContain('our running broker')
  expect(of('clock')[0]?.found).toContain('the running broker')
  expect(of('latchkey.db')[0]?.found).toBe('intact')
  expect(of('mqtt.db')[0]?.found).toBe('intact')
})

test('a proxy that nobody has listed is told of, and what trusting proxies means', async () => {
  await using running = await startApp()
  expect((await examine(running)).of('proxies')).toEqual([
    { check: 'proxies', outcome: 'ok', found: 'none is trusted' },
  ])
  await fetch(`${running.httpUrl}/console/`, { headers: { 'x-forwarded-for': '192.0.2.1' } })
  const { exitCode, of } = await examine(running)
  expect(of('proxies')).toEqual([
    expect.objectContaining({
      outcome: 'warning',
      found: 'X-Forwarded-For comes from 127.0.0.1, which is not in trustedProxies',
      advice: expect.stringContaining('LATCHKEY_TRUSTED_PROXIES'),
    }),
  ])
  expect(exitCode).toBe(0)
  const files = await certified('behind', new Date(Date.now() - dayMs), new Date(Date.now() + 100 * dayMs))
  const trusting = {
    ...files,
    LATCHKEY_TLS_CA: files.LATCHKEY_TLS_CERT ?? '',
    LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8,0.0.0.0/0',
  }
  const warnings = (await examine(running, trusting)).of('proxies').filter(({ outcome }) => outcome === 'warning')
  expect(warnings.map(({ found }) => found)).toEqual([
    'X-Forwarded-For comes from 127.0.0.1, which is not in trustedProxies',
    '0.0.0.0/0 trusts everybody',
    'tls.ca: only the end of a TLS connection sees the client certificate',
  ])
})

test('where the world finds the broker is told of when it is not known behind a proxy, and when it cannot be so', async () => {
  await using running = await startApp()
  const files = await certified('public', new Date(Date.now() - dayMs), new Date(Date.now() + 100 * dayMs))
  const proxies = { LATCHKEY_TRUSTED_PROXIES: '127.0.0.1' }
  const publicUrl = (url: string) => ({ LATCHKEY_PUBLIC_URL: url })
  for (const [env, outcome, found] of [
    [{}, 'ok', 'none: links and QR codes contain no address'],
    [proxies, 'warning', 'not set, although proxies are trusted'],
    [{ ...proxies, ...publicUrl('https://iot.example.com/') }, 'ok', 'https://iot.example.com'],
    [{ ...files, ...publicUrl('wss://iot.example.com') }, 'ok', 'https://iot.example.com'],
    [publicUrl('https://iot.example.com'), 'warning', 'https://iot.example.com, but there is neither a certificate'],
    [{ ...proxies, ...publicUrl('http://iot.example.com') }, 'warning', 'http://iot.example.com, without TLS'],
    [{ ...files, ...publicUrl('http://iot.example.com') }, 'warning', 'there is a certificate (tls.cert)'],
    [publicUrl('http://iot.example.com'), 'warning', 'http://iot.example.com, without TLS'],
    [publicUrl('http://127.0.0.1:8080'), 'ok', 'http://127.0.0.1:8080'],
    [{ ...proxies, ...publicUrl('http://127.0.0.1:8080') }, 'warning', 'without TLS'],
    [{ ...files, ...publicUrl('http://127.0.0.1:8080') }, 'warning', 'there is a certificate (tls.cert)'],
  ] as const)
    expect((await examine(running, env)).of('public URL')).toEqual([
      expect.objectContaining({ outcome, found: expect.stringContaining(found) }),
    ])
})

test('a broker that does not say what it has seen is not said to have seen nothing', async () => {
  await using running = await startApp({ env: { LATCHKEY_HOST: '0.0.0.0' } })
  const name = hostname()
  const { of } = await examine(running, { LATCHKEY_HOST: name })
  const isFound = of('HTTP port')[0]?.found.includes('our running broker')
  if (isFound !== true) console.log(`skipped: ${name} does not lead to this machine`)
  else expect(of('proxies')[0]?.found).toContain('tells what it has seen on loopback only')
})

test('for people it is a line for each look, with what to do below; bad news exit 1', async () => {
  await using running = await startApp()
  const well = await runCommand(running, ['doctor'], { env: { LATCHKEY_MQTT_PORT: '0', LATCHKEY_HTTP_PORT: '0' } })
  expect(well).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^ok +Node\.js +20|2\d/) })
  const wrong = await runCommand(running, ['doctor'], { env: { LATCHKEY_MQTT_PORT: 'x' } })
  expect(wrong).toMatchObject({ exitCode: 1, stdout: '' })
  expect(wrong.stderr).toMatch(/problem +configuration +mqtt\.port \(LATCHKEY_MQTT_PORT\) .*\n +→ see docs/)
})

test('a port that another program holds is a problem, also when it answers HTTP', async () => {
  await using running = await startApp()
  const other = createServer((_request, response) => response.end('{"keys":[]}'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const port = `${(other.address() as AddressInfo).port}`
  const http = await examine(running, { LATCHKEY_HTTP_PORT: port })
  expect(http.exitCode).toBe(1)
  expect(http.of('HTTP port')).toEqual([
    { check: 'HTTP port', outcome: 'problem', found: `${port} is held by another program`, advice: expect.any(String) },
  ])
  const mqtt = await examine(running, { LATCHKEY_MQTT_PORT: port })
  expect(mqtt.of('MQTT port')[0]).toMatchObject({ outcome: 'problem' })
  expect(mqtt.of('HTTP port')[0]).toMatchObject({ outcome: 'ok' })
  other.closeAllConnections()
  other.close()
})

test('the broker of another data folder is another program', async () => {
  await using running = await startApp()
  await using other = await startApp()
  const { of } = await examine(running, { LATCHKEY_HTTP_PORT: `${other.app.ports.http}` })
  expect(of('HTTP port')[0]).toMatchObject({ outcome: 'problem', found: expect.stringContaining('another program') })
})

test('a certificate is good, about to expire, expired, or not in force yet', async () => {
  await using running = await startApp()
  const at = (days: number) => new Date(Date.now() + days * dayMs)
  const outcomes: string[] = []
  for (const [name, from, to] of [
    ['good', -1, 100],
    ['soon', -1, 10],
    ['expired', -10, -1],
    ['early', 1, 100],
  ] as const) {
    const { of } = await examine(running, await certified(name, at(from), at(to)))
    outcomes.push(`${name} ${of('certificate')[0]?.outcome}: ${of('certificate')[0]?.found}`)
  }
  expect(outcomes).toEqual([
    expect.stringMatching(/^good ok: .* is valid for (99|100) days/),
    expect.stringMatching(/^soon warning: .* expires in (9|10) days/),
    expect.stringMatching(/^expired problem: .* expired on /),
    expect.stringMatching(/^early problem: .* is not valid before /),
  ])
})

test('a key of another certificate is a problem', async () => {
  await using running = await startApp()
  const good = await certified('one', new Date(Date.now() - dayMs), new Date(Date.now() + 90 * dayMs))
  const other = await certified('two', new Date(Date.now() - dayMs), new Date(Date.now() + 90 * dayMs))
  const { exitCode, checks } = await examine(running, { ...good, LATCHKEY_TLS_KEY: other.LATCHKEY_TLS_KEY ?? '' })
  expect(exitCode).toBe(1)
  expect(checks.find(({ outcome }) => outcome === 'problem')?.found).toContain('tls.key')
})

test('WeChat is asked for real, and what it says of the settings is told', async () => {
  await using running = await startApp()
  const wechat = await startWechatStandIn({ now: Date.now })
  const right = { WECHAT_APPID: wechat.appid, WECHAT_SECRET: wechat.secret, WECHAT_API_BASE: wechat.base }
  const ask = async (env: Record<string, string>) => (await examine(running, { ...right, ...env })).of('WeChat')[0]
  expect(await ask({})).toMatchObject({ outcome: 'ok', found: expect.stringContaining(wechat.base) })
  expect(await ask({ WECHAT_APPID: 'wx-wrong' })).toMatchObject({
    outcome: 'problem',
    advice: expect.stringContaining('WECHAT_APPID'),
  })
  expect(await ask({ WECHAT_SECRET: 'a-wrong-secret' })).toMatchObject({
    outcome: 'problem',
    advice: expect.stringContaining('WECHAT_SECRET'),
  })
  for (const [answer, outcome] of [
    [45011, 'warning'],
    ['html', 'problem'],
    ['drop', 'problem'],
  ] as const) {
    wechat.answerNext(answer)
    expect(await ask({}), `${answer}`).toMatchObject({ outcome })
  }
  const printed = JSON.stringify((await examine(running, right)).checks)
  expect(printed).not.toContain(wechat.secret)
  await wechat.close()
})

test("a clock that is off by WeChat's is a problem", async () => {
  await using running = await startApp()
  const wechat = await startWechatStandIn({ now: Date.now })
  const env = { WECHAT_APPID: wechat.appid, WECHAT_SECRET: wechat.secret, WECHAT_API_BASE: wechat.base }
  const answer = (offMs: number) => {
    const headers = { date: new Date(Date.now() + offMs).toUTCString() }
    wechat.answerNext({ status: 200, headers, body: '{"errcode":40029}' })
  }
  answer(600_000)
  expect((await examine(running, env)).of('clock')[0]).toMatchObject({
    outcome: 'problem',
    found: expect.stringMatching(/^\d+ s behind/),
  })
  answer(-60_000)
  expect((await examine(running, env)).of('clock')[0]).toMatchObject({
    outcome: 'warning',
    found: expect.stringMatching(/^\d+ s ahead/),
  })
  await wechat.close()
})

test('keys that others can read, and invalid keys, are reported with what to do', async () => {
  await using running = await startApp()
  const key = join(running.config.dataDir, 'keys', '0001.pem')
  await chmod(key, 0o644)
  expect((await examine(running)).of('keys')).toEqual([
    { check: 'keys', outcome: 'warning', found: `other users can read ${key}`, advice: `chmod 600 ${key}` },
  ])
  await writeFile(join(running.config.dataDir, 'keys', '0002.pem'), 'nonsense', { mode: 0o600 })
  expect((await examine(running)).of('keys')).toContainEqual(expect.objectContaining({ outcome: 'problem' }))
})

test('keys that got lost, or are cut short, are a problem: a start would make others, or fail', async () => {
  await using running = await startApp()
  const { dataDir } = running.config
  await writeFile(join(dataDir, 'keys', 'product-secrets.key'), 'short', { mode: 0o600 })
  expect((await examine(running)).of('keys')).toEqual([
    expect.objectContaining({
      outcome: 'problem',
      found: expect.stringContaining('product-secrets.key cannot be used'),
    }),
  ])
  await rm(join(dataDir, 'keys', 'product-secrets.key'))
  await rm(join(dataDir, 'keys', 'wechat-identity.key'))
  expect((await examine(running)).of('keys')).toEqual(
    ['product-secrets.key', 'wechat-identity.key'].map(name =>
      expect.objectContaining({ outcome: 'warning', found: expect.stringContaining(`no ${name} in `) }),
    ),
  )
  await rm(join(dataDir, 'keys'), { recursive: true })
  expect((await examine(running)).of('keys')).toEqual([
    {
      check: 'keys',
      outcome: 'problem',
      found: `${join(dataDir, 'keys')} is not there, but latchkey.db is`,
      advice: expect.stringContaining('backup'),
    },
  ])
})

test('a damaged database is a problem, and is not written to', async () => {
  const dataDir = await mkdtemp(join(folder, 'data-'))
  let port = ''
  {
    await using running = await startApp({ dataDir })
    port = `${running.app.ports.http}`
  }
  await writeFile(join(dataDir, 'mqtt.db'), 'x'.repeat(8192))
  const { exitCode, of } = await examine({
    config: { dataDir },
    app: { ports: { mqtt: 0, http: Number(port) } },
  } as RunningApp)
  expect(exitCode).toBe(1)
  expect(of('mqtt.db')[0]).toMatchObject({ outcome: 'problem', advice: expect.stringContaining('backup') })
  expect(of('latchkey.db')[0]).toMatchObject({ outcome: 'ok' })
})

test('before the first start nothing is there, and that is well', async () => {
  await using running = await startApp()
  const { exitCode, checks } = await examine(running, {
    LATCHKEY_DATA_DIR: join(folder, 'not', 'there'),
    LATCHKEY_MQTT_PORT: '0',
    LATCHKEY_HTTP_PORT: '0',
  })
  expect(checks.filter(isBad)).toEqual([])
  expect(exitCode).toBe(0)
})
