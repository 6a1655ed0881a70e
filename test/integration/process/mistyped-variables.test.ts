import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { startProcess } from '../../support/processes/latchkey-process.ts'
import { writeFiles } from '../../support/write-files.ts'

test('the broker logs a mistyped variable with the name that is nearest, and starts', async () => {
  await using latchkey = await startProcess(['start'], { env: { LATCHKEY_MQTT_PROT: '1', LATCHKEY_TOKEN: 'x' } })
  await latchkey.line('ready')
  expect(await latchkey.line('unknown-variable')).toMatchObject({
    level: 'warn',
    variable: 'LATCHKEY_MQTT_PROT',
    reason: 'did you mean LATCHKEY_MQTT_PORT?',
  })
})

test('a command warns of it on stderr, and does what it is to do', async () => {
  await using latchkey = await startProcess(['user', 'list'], { env: { LATCHKEY_DATA_DRI: 'elsewhere' } })
  expect(await latchkey.ended).toEqual({
    exitCode: 0,
    stderr: 'warning: LATCHKEY_DATA_DRI is not a setting: did you mean LATCHKEY_DATA_DIR?\n',
  })
})

test('with --json the warning is JSON too', async () => {
  await using latchkey = await startProcess(['user', 'list', '--json'], { env: { LATCHKEY_DATADIR: 'elsewhere' } })
  const { stderr } = await latchkey.ended
  expect(JSON.parse(stderr)).toEqual({ warning: 'LATCHKEY_DATADIR is not a setting: did you mean LATCHKEY_DATA_DIR?' })
})

test.each(['checkconfig', 'doctor'])('%s tells it with everything else', async command => {
  await using files = await writeFiles({ out: '' })
  const out = openSync(files.path('out'), 'w')
  const env = { LATCHKEY_HTTPPORT: '1', LATCHKEY_DATA_DIR: files.path('data') }
  await using latchkey = await startProcess([command], { env, stdout: out })
  await latchkey.ended
  closeSync(out)
  const told = await readFile(files.path('out'), 'utf8')
  expect(told).toContain('LATCHKEY_HTTPPORT is not a setting')
  expect(told).toContain('did you mean LATCHKEY_HTTP_PORT?')
})

test('when the configuration cannot be used it stands beside what is wrong: it may be the reason', async () => {
  const env = { NODE_ENV: 'production', WECHAT_SECRET: 'hush', WECHAT_APP_ID: 'wx1' }
  await using latchkey = await startProcess(['start'], { env })
  const { exitCode, stderr } = await latchkey.ended
  expect(exitCode).toBe(1)
  expect(stderr).toContain('wechat.appid (WECHAT_APPID): is required in production')
  expect(stderr).toContain('WECHAT_APP_ID (environment): is not a setting: did you mean WECHAT_APPID?')
})
