import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import * as z from 'zod'
import { fileReason } from '../../files/file-reason.ts'
import type { CommandContext } from '../command-context.ts'
import { askHidden } from './ask-hidden.ts'

/** What {@link withToken} adds. */
export const tokenOptions = z.object({ tokenStdin: z.boolean().default(false), tokenFile: z.string().optional() })

/** Says where a token comes from. It is never an argument: arguments are seen by every process of the machine. */
export const withToken = (command: Command): Command =>
  command
    .option('--token-stdin', 'read the token from stdin in place of asking for it')
    .option('--token-file <file>', 'read it from a file')

/** The token that a command is about, or why there is none. */
export async function readToken(
  command: Command,
  { stdin, stderr }: CommandContext,
  { tokenStdin, tokenFile }: z.output<typeof tokenOptions>,
): Promise<string | { readonly refused: string }> {
  if (tokenStdin && tokenFile !== undefined) command.error('error: give --token-stdin or --token-file')
  if (tokenFile !== undefined) return tokenIn(tokenFile)
  if (tokenStdin) return notEmpty(await text(stdin))
  if (!stdin.isTTY) command.error('error: nobody is there to ask: give --token-stdin or --token-file')
  const [typed = ''] = await askHidden(stdin, stderr, ['Token: '])
  return notEmpty(typed)
}

async function tokenIn(file: string): Promise<string | { readonly refused: string }> {
  try {
    return notEmpty(await readFile(file, 'utf8'))
  } catch (error) {
    return { refused: `--token-file: ${file} cannot be read: ${fileReason(error)}` }
  }
}

const notEmpty = (given: string) => (given.trim() === '' ? { refused: 'the token is empty' } : given.trim())
