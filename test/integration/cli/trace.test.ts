import { expect, test, vi } from 'vitest'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { addDevice, connectAsDevice, operatorToken, ownerOf, registerUser } from '../../support/story.ts'

test('latchkey trace prints what one device does, until it is stopped; nothing in a topic drives the terminal', async () => {
  await using running = await startApp()
  await operatorToken(running)
  const { device, client } = await ownerOf(running, 'd1')
  await using owner = client
  const args = ['trace', '--device', 'd1', '--operator', 'root', '--url', running.mqttUrl]
  const act = async () => {
    await using sensor = await connectAsDevice(running, device)
    await sensor.mqtt.publishAsync('devices/d1/event/\u009b31m', '{"password":"hunter2","n":7}', { qos: 1 })
    await owner.mqtt.publishAsync('devices/d1/set', 'x', { qos: 1 })
  }
  for (const more of [[], ['--json']]) {
    const { exitCode, stdout, stderr } = await runCommand(running, [...args, ...more], {
      untilStopped: async out => {
        await act()
        await vi.waitFor(() => expect(out.stdout).toContain('disconnected'), 5000)
      },
    })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain('\\u009b31m')
    expect(stdout).not.toMatch(/\u009b|hunter2/)
    const lines = stdout.trim().split('\n')
    if (more.length > 0) {
      const whats = lines.map(line => JSON.parse(line).what)
      expect(whats).toEqual(expect.arrayContaining(['connected', 'published', 'disconnected']))
    } else expect(stdout).toMatch(/^\S+Z published {10}clientId=d1 principal=device:d1 .*rule=device-reports/m)
  }
})

test('it says why it cannot', async () => {
  await using running = await startApp()
  await operatorToken(running)
  const { client, token } = await registerUser(running, 'ann')
  await using _user = client
  await addDevice(running, 'lamp', 'lamp-1')
  const trace = ['trace', '--url', running.mqttUrl]
  const device = [...trace, '--device', 'lamp-1']
  for (const [args, env, exitCode, sentence] of [
    [device, {}, 1, 'LATCHKEY_TOKEN'],
    [[...device, '--operator', 'nobody'], {}, 1, 'no operator named "nobody"'],
    [[...trace, '--operator', 'root', '--user', 'nobody'], {}, 1, '(nobody)'],
    [device, { LATCHKEY_TOKEN: token }, 1, "is the token an operator's?"],
    [device, { LATCHKEY_TOKEN: 'x' }, 1, running.mqttUrl],
    [[...trace, '--operator', 'root'], {}, 2, 'give one of --client, --user, --device'],
    [[...device, '--user', 'ann', '--operator', 'root'], {}, 2, 'give one of'],
    [[...device, '--minutes', '61'], {}, 2, '1 to 60'],
  ] as const) {
    const run = await runCommand(running, args, { env: { LATCHKEY_LOCALE: 'en', ...env } })
    expect({ exitCode: run.exitCode, stderr: run.stderr }, args.join(' ')).toEqual({
      exitCode,
      stderr: expect.stringContaining(sentence),
    })
  }
})

test.each([
  ['trace', '--device', 'lamp-1'],
  ['logs', '--follow'],
])('%s asks where the broker is when its port is any free one', async (...args) => {
  await using running = await startApp()
  const env = { LATCHKEY_TOKEN: 'secret', LATCHKEY_MQTT_PORT: '0' }
  expect(await runCommand(running, args, { env })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: mqtt.port is 0, which means any free port: say with --url where the broker is\n',
  })
})
