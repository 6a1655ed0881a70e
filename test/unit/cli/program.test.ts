import { describe, expect, test } from 'vitest'
import { runLine } from './command-line.ts'

describe('bad usage', () => {
  test.each([
    [['nonsense']],
    [['user', 'add']],
    [['user', 'add', 'eve', '--role', 'king', '--password-stdin']],
    [['user', 'list', 'too-much']],
    [['user', 'role', 'ann', 'king']],
    [['device', 'add']],
    [['device', 'add', '--type', 'lamp', '--password', 'x']],
    [['token', 'issue']],
    [['token', 'issue', '--user', 'ann', '--service', 's']],
    [['token', 'issue', '--user', 'ann', '--ttl', '1.5']],
    [['token', 'issue', '--user', 'ann', '--ttl', '0']],
  ])('%j exits 2 with one sentence and touches nothing', async args => {
    const { exitCode, stdout, stderr, calls } = await runLine(args)
    expect({ exitCode, stdout, calls }).toEqual({ exitCode: 2, stdout: '', calls: [] })
    expect(stderr).toMatch(/^error: .+\n$/)
  })

  test('with --json is one JSON object on stderr', async () => {
    const { exitCode, stdout, stderr } = await runLine(['device', 'add', '--json'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({ error: expect.stringContaining('--type') })
  })

  test('no command at all shows what there is', async () => {
    const { exitCode, stderr } = await runLine([])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('checkconfig')
    expect(stderr).not.toContain('error:')
  })
})

test.each([['--help'], ['--version']])('%s exits 0', async option => {
  const { exitCode, stdout, stderr } = await runLine([option])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(option === '--help' ? /Usage: latchkey/ : /^1\.2\.3\n$/)
})

test('a fault exits 1 with its message and no stack', async () => {
  expect(await runLine(['start'])).toMatchObject({ exitCode: 1, stderr: 'error: port in use\n' })
})

test('a wrong configuration exits 1, says what is wrong, and opens nothing', async () => {
  const { exitCode, stderr, calls } = await runLine(['user', 'list'], { env: { LATCHKEY_MQTT_PORT: 'x' } })
  expect({ exitCode, calls }).toEqual({ exitCode: 1, calls: [] })
  expect(stderr).toContain('mqtt.port (LATCHKEY_MQTT_PORT)')
})

test('the backend is closed after success and after a refusal', async () => {
  expect((await runLine(['user', 'list'])).calls.at(-1)).toEqual(['close'])
  expect((await runLine(['device', 'reset', 'nope'])).calls.at(-1)).toEqual(['close'])
})

describe('checkconfig', () => {
  test('says OK with every value and its source', async () => {
    const { exitCode, stdout } = await runLine(['checkconfig'], { env: { LATCHKEY_MQTT_PORT: '7' } })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^mqtt\.port +7 +LATCHKEY_MQTT_PORT$/m)
    expect(stdout).toMatch(/\nOK \(development\)\n$/)
  })

  test('with --json prints the settings and masks secrets', async () => {
    const env = { WECHAT_APPID: 'wx1', WECHAT_SECRET: 'hush' }
    const { stdout } = await runLine(['checkconfig', '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, environment: 'development' })
    expect(stdout).not.toContain('hush')
  })

  test('exits 1 with every problem', async () => {
    const env = { LATCHKEY_MQTT_PORT: 'x', LATCHKEY_LOCALE: 'y' }
    const { exitCode, stdout, stderr } = await runLine(['checkconfig'], { env })
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toContain('LATCHKEY_MQTT_PORT')
    expect(stderr).toContain('LATCHKEY_LOCALE')
    const json = await runLine(['checkconfig', '--json'], { env })
    expect(json.exitCode).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ key: 'locale' }, { key: 'mqtt.port' }] })
  })
})

describe('explain --reason', () => {
  test.each([
    ['too-many-guests', 'CONNACK  3', 'guest.connections'],
    ['too-many-guests-from-address', 'CONNACK  3', 'guest.perAddress'],
    ['identifier-in-use', 'CONNACK  2', 'another client'],
    ['reply-unheard', 'because', 'nobody would hear its reply'],
  ])('%s is said in a sentence, without a look into the data folder', async (reason, ...parts) => {
    const { exitCode, stdout, calls } = await runLine(['explain', '--reason', reason])
    expect({ exitCode, calls }).toEqual({ exitCode: 0, calls: [] })
    for (const part of parts) expect(stdout).toContain(part)
  })

  test('with --json it is one value, with the code of CONNACK where there is one', async () => {
    const { stdout } = await runLine(['explain', '--reason', 'too-many-guests', '--json'])
    expect(JSON.parse(stdout)).toEqual({ reason: 'too-many-guests', because: expect.any(String), returnCode: 3 })
    expect(JSON.parse((await runLine(['explain', '--reason', 'reply-unheard', '--json'])).stdout)).toEqual({
      reason: 'reply-unheard',
      because: expect.any(String),
    })
  })

  test('of a word that there is not is refused', async () => {
    const { exitCode, stderr } = await runLine(['explain', '--reason', 'constructor'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'error: there is no reason or rule constructor\n' })
  })
})

describe('explain', () => {
  test.each([
    [['--user', 'ann'], 2, 'give one of --publish, --subscribe, --deliver'],
    [['--publish', 'a', '--subscribe', 'b'], 2, 'give one of --publish, --subscribe, --deliver'],
    [['--user', 'ann', '--device', 'd', '--publish', 'a'], 2, 'give one of --user, --device, --service'],
    [['--user', 'nobody', '--publish', 'a'], 1, 'there is no user named nobody'],
    [['--client', 'a/#', '--publish', 'a'], 1, '--client must be a client id'],
    [['--service', 's', '--acl', 'no json', '--publish', 'a'], 1, '--acl must be JSON'],
    [['--device', 'a/b', '--publish', 'a'], 1, '--device must be a device id'],
    [['--publish', ''], 1, '--publish must be a topic of 1 to 1024 characters'],
    [['--deliver', 'x'.repeat(1025)], 1, '--deliver must be a topic of 1 to 1024 characters'],
  ])('%j is refused in the words of its own options', async (args, exitCode, why) => {
    const outcome = await runLine(['explain', ...args])
    expect(outcome).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(why) })
    expect(outcome.stderr).not.toMatch(/invalid|malformed|clientId/i)
  })
})
