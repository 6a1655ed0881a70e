import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { examine } from '../../support/processes/examine.ts'
import { startApp } from '../../support/start-app.ts'

test('the token of an integration that ends within two weeks is told of, with what to do; one that was rotated is not', async () => {
  await using running = await startApp()
  const { tokens, administration } = running.admin
  const { id } = await tokens.issueForService('node-red', [], 5 * 86_400 + 60)
  const rotated = await tokens.issueForService('node-red', [], 86_400)
  await administration.rotateServiceToken({ token: rotated.token, overlapSeconds: 60, ttlSeconds: 90 * 86_400 })
  const { exitCode, of } = await examine(running)
  expect(of('tokens')).toEqual([
    {
      check: 'tokens',
      outcome: 'warning',
      found: expect.stringContaining(`the token of node-red (${id}) expires in 5 days`),
      advice: expect.stringContaining('latchkey token rotate'),
    },
  ])
  expect(exitCode).toBe(0)
  await administration.revokeToken(id)
  expect((await examine(running)).of('tokens')).toMatchObject([{ outcome: 'ok' }])
})

test('user names of before that are one name to people are told of', async () => {
  await using running = await startApp()
  for (const username of ['ann', 'bob'])
    await running.admin.administration.addAccount({ username, password: 'correct horse', role: 'user' })
  expect((await examine(running)).of('user names')[0]).toMatchObject({ outcome: 'ok' })
  const database = new Database(join(running.config.dataDir, 'latchkey.db'))
  database.exec("insert into account values ('x', 'ANN', 'hash', 'user', 0, 9e12, null)")
  database.close()
  const { of, exitCode } = await examine(running)
  expect(of('user names')[0]).toMatchObject({
    outcome: 'warning',
    found: 'ann and ANN: easily mistaken for each other',
  })
  expect(exitCode).toBe(0)
})
