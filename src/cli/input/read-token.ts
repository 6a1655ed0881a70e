import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import * as z from 'zod'
import { fileReason } from '../../files/file-reason.ts'
import type { CommandContext } from '../command-context.ts'
import { askHidden } from './ask-hidden.ts'

/** The options that {@link withToken} adds. */
export const tokenOptions = z.object({ tokenStdin: z.boolean().default(false), tokenFile: z.string().optional() })

/** Adds the options that say where a token comes from. It is never an argument: every process of the machine can see arguments. */
export const withToken = (command: Command): Command =>
  command
    .option('--token-stdin', 'read the token from stdin instead of asking for it')
    .option('--token-file <file>', 'read the token from a file')

/** Reads the token that a command is about, or says why there is none. */
export async function readToken(
  command: Command,
  { stdin, stderr }: CommandContext,
  { tokenStdin, tokenFile }: z.output<typeof tokenOptions>,
): Promise<string | { readonly refused: string }> {
  if (tokenStdin && tokenFile !== undefined) command.error('error: give --token-stdin or --token-file')
  if (tokenFile !== undefined) return tokenIn(tokenFile)
  if (tokenStdin) return notEmpty(await text(stdin))
  if (!stdin.isTTY) command.error('error: stdin is not a terminal: give --token-stdin or --token-file')
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
