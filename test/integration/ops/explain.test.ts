import { expect, test } from 'vitest'
import { connectOperator } from '../../support/operator.ts'
import { runCommand } from '../../support/processes/run-command.ts'
import { startApp } from '../../support/start-app.ts'
import { connectAsDevice, ownerOf } from '../../support/story.ts'

test('an operator finds out why something is refused, over MQTT and on the command line', async () => {
  await using running = await startApp()
  await using operator = await connectOperator(running)
  const ann = await ownerOf(running, 'lamp-1', 'lamp')
  await using _lamp = await connectAsDevice(running, ann.device)

  const asked = await operator.request('ops/explain', { session: ann.client.id, publish: 'devices/lamp-1/set' })
  expect(asked).toMatchObject({
    code: 0,
    data: { allowed: true, rule: 'member-commands', role: 'owner', notes: ['values-are-checked-by-the-device-type'] },
  })
  const question = ['explain', '--user', 'owner-of-lamp-1', '--publish', 'devices/lamp-2/set']
  expect(await runCommand(running, question)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^refused +by rule no-rule\nbecause +no rule allows it\nas +user:\S+\nrole +none/),
  })
  const json = await runCommand(running, [...question, '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ allowed: false, rule: 'no-rule', notes: ['no-such-device'] })

  for (const [args, sentence] of [
    [['--user', 'nobody', '--publish', 'a'], 'nobody'],
    [['--device', 'lamp-9', '--publish', 'a'], 'there is no device lamp-9'],
    [['--service', 's', '--acl', 'no json', '--publish', 'a'], '--acl'],
    [['--device', 'a/b', '--publish', 'a'], '--device'],
  ] as const) {
    const refused = await runCommand(running, ['explain', ...args])
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(sentence) })
  }
  await ann.client[Symbol.asyncDispose]()
})
