import { text } from 'node:stream/consumers'
import { askHidden } from './ask-hidden.ts'
import type { Input, Output } from './command-context.ts'

/** Where a password comes from. It is never an argument: arguments are seen by every process of the machine. */
export interface PasswordOrigin {
  readonly stdin: Input
  readonly stderr: Output
  /** `--password-stdin` was given: all of stdin is the password, but for one newline at its end. */
  readonly fromStdin: boolean
}

/** The password, or why there is none. On a terminal it is asked for twice, without echo. */
export async function readPassword({
  stdin,
  stderr,
  fromStdin,
}: PasswordOrigin): Promise<string | { refused: string }> {
  if (fromStdin) return notEmpty((await text(stdin)).replace(/\r?\n$/, ''))
  const [first, second] = await askHidden(stdin, stderr, ['Password: ', 'Once more: '])
  if (first === undefined || second === undefined) return { refused: 'no password was typed' }
  return first === second ? notEmpty(first) : { refused: 'the two passwords differ' }
}

const notEmpty = (password: string) => (password === '' ? { refused: 'the password is empty' } : password)
