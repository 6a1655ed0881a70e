import { expect, test } from 'vitest'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { operatorToken } from '../../support/story.ts'

test('on the command line a network is blocked, listed, and let in again', async () => {
  await using running = await startApp()
  await operatorToken(running)
  const address = (...args: string[]) =>
    runCommand(running, ['address', ...args, '--operator', 'root', '--url', running.mqttUrl])
  expect((await address('list')).stdout).toBe('None.\n')
  const { exitCode, stdout } = await address('block', '203.0.113.9/24', '--minutes', '5', '--json')
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ network: '203.0.113.0/24', until: expect.any(Number), ended: 0 })
  expect((await address('block', '2001:db8::7')).stdout).toMatch(/^2001:db8:0:0::\/64 is blocked until \S+Z; 0 of/)
  expect((await address('list')).stdout).toMatch(
    /^NETWORK +UNTIL +REFUSED\n203\.0\.113\.0\/24 +\S+Z +0\n2001:db8:0:0::\/64 +\S+Z +0\n$/,
  )
  expect(await address('unblock', '203.0.113.0/24')).toMatchObject({ exitCode: 0 })
  expect(await address('unblock', '203.0.113.0/24')).toMatchObject({ exitCode: 1, stdout: '' })
  expect(await address('block', '10.0.0.0/8')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('IPv4 from /24 to /32'),
  })
  expect(await address('block', '127.0.0.1')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('your own'),
  })
  expect(await address('block', '192.0.2.1', '--minutes', '10081')).toMatchObject({ exitCode: 2 })
  expect(JSON.parse((await address('list', '--json')).stdout)).toHaveLength(1)
})
