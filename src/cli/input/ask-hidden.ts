import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Input, Output } from '../command-context.ts'

/** Asks on a terminal, without echo. The answers to `questions`, fewer when the person gives up. */
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
