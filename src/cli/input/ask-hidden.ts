import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Input, Output } from '../command-context.ts'

/** Asks `questions` on a terminal, without echo. There are fewer answers when the person gives up. */
export async function askHidden(stdin: Input, stderr: Output, questions: readonly string[]): Promise<string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: stdin, output: nowhere, terminal: true })
  terminal.on('SIGINT', () => terminal.close())
  const lines = terminal[Symbol.asyncIterator]()
  const given: string[] = []
  try {
    for (const question of questions) {
      stderr.write(question)
      const line = await lines.next()
      stderr.write('\n')
      if (line.done) break
      given.push(line.value)
    }
  } finally {
    terminal.close()
  }
  return given
}
