import { expect, test } from 'vitest'
import { toggleLevel } from '../../../../src/cli/start/toggle-level.ts'
import { createLog } from '../../../../src/log/create-log.ts'

test('a signal makes the log say more, and the next one what it said before', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', pretty: false, destination: { write: line => void lines.push(line) } })
  for (let i = 0; i < 2; i++) toggleLevel(log, 'info', 'SIGUSR2')
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { event: 'log-level-changed', logLevel: 'debug', signal: 'SIGUSR2' },
    { event: 'log-level-changed', logLevel: 'info' },
  ])
  expect(log.level()).toBe('info')
})
