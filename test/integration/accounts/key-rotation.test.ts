import { expect, test } from 'vitest'
import { connectWithToken } from '../../support/mqtt-client.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { registerUser } from '../../support/story.ts'

test('after latchkey keys rotate the running broker signs with the new key and publishes it; older tokens stay good', async () => {
  await using running = await startApp()
  const { client, token } = await registerUser(running, 'ann')
  const { exitCode, stdout } = await runCommand(running, ['keys', 'rotate', '--json'])
  expect(exitCode).toBe(0)
  const { kid } = JSON.parse(stdout)
  const published = async () => {
    const { keys } = (await (await fetch(`${running.httpUrl}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string }[]
    }
    return keys.map(key => key.kid)
  }
  await expect.poll(published).toContain(kid)
  const refreshed = await client.request('auth/refresh', {})
  const header = JSON.parse(Buffer.from(String(refreshed.data).split('.')[0] ?? '', 'base64url').toString())
  expect(header).toMatchObject({ kid })
  for (const each of [token, String(refreshed.data)]) {
    await using again = await connectWithToken(running.wsUrl, each)
    expect(await again.request('account/me')).toMatchObject({ code: 0 })
  }
  await client[Symbol.asyncDispose]()
})
