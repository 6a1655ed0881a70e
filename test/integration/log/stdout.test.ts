import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const script = join(import.meta.dirname, 'logs-and-ends.ts')

const linesOf = (ending: string): Promise<string[]> =>
  new Promise(resolve => {
    execFile(process.execPath, ['--import', 'tsx', script, ending], (_error, stdout) =>
      resolve(stdout.trim().split('\n')),
    )
  })

test.concurrent.each(['process.exit', 'an uncaught error'])(
  'every line is out when the process ends by %s',
  async ending => {
    const lines = await linesOf(ending)
    expect(lines.map(line => JSON.parse(line).msg)).toEqual(['first', 'last'])
  },
)
