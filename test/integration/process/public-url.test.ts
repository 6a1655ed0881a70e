import { expect, test } from 'vitest'
import { startProcess } from '../../support/processes/latchkey-process.ts'

test('the text for newcomers leads to the public URL, and the log says what that is', async () => {
  await using latchkey = await startProcess(['start', '--demo'], {
    env: { LATCHKEY_PUBLIC_URL: 'https://example.com/iot/' },
  })
  expect(await latchkey.line('ready')).toMatchObject({ publicUrl: 'https://example.com/iot' })
  await latchkey.signal('SIGTERM')
  const { stderr } = await latchkey.ended
  for (const address of ['wss://example.com/iot/mqtt', 'https://example.com/iot/.well-known/jwks.json'])
    expect(stderr).toContain(` ${address}\n`)
  expect(stderr).not.toMatch(/https?:\/\/127/)
})
