import { text } from 'node:stream/consumers'
import { newPasswordProblem } from '../../protocol/new-password.ts'
import type { Input, Output } from '../command-context.ts'
import { askHidden } from './ask-hidden.ts'

/** Where a password comes from. It is never an argument: every process of the machine can see arguments. */
export interface PasswordOrigin {
  readonly stdin: Input
  readonly stderr: Output
  /** `--password-stdin` was given: the password is all of stdin but a newline at its end. */
  readonly fromStdin: boolean
}

/** Reads the password, or says why there is none. A terminal is asked twice, without echo. */
export async function readPassword({
  stdin,
  stderr,
  fromStdin,
}: PasswordOrigin): Promise<string | { refused: string }> {
  if (fromStdin) {
    const given = (await text(stdin)).replace(/\r?\n$/, '')
    return verdictOn(given, given)
  }
  const [first, second] = await askHidden(stdin, stderr, ['Password: ', 'Once more: '])
  if (first === undefined || second === undefined) return { refused: 'no password was typed' }
  return verdictOn(first, second)
}

const refusals = { tooShort: 'a password has at least 8 characters', different: 'the two passwords differ' } as const

function verdictOn(password: string, repeat: string): string | { refused: string } {
  const problem = newPasswordProblem(password, repeat)
  return problem === undefined ? password : { refused: refusals[problem] }
}
