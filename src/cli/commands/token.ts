import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod'
import type { Backend } from '../backend.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { readToken, tokenOptions, withToken } from '../input/read-token.ts'
import { alignColumns } from '../output/align-columns.ts'

const filters = z.array(z.string()).default([])
const issueOptions = z.object({
  user: z.string().optional(),
  service: z.string().optional(),
  publish: filters,
  subscribe: filters,
  ttl: z.number().optional(),
})
const rotateOptions = tokenOptions.extend({ overlap: z.number().default(7 * 24 * 3600), ttl: z.number().optional() })
type Rotated = Exclude<
  Awaited<ReturnType<Backend['administration']['rotateServiceToken']>>,
  { readonly problem: string }
>
type IssueOptions = z.output<typeof issueOptions>

/** `latchkey token …`: tokens of people and of integrations. */
export function registerTokenCommands(program: Command, context: CommandContext): void {
  const group = program.command('token').description('tokens of people and of integrations')

  const issue = group.command('issue').description('issue a token, for an account or for an integration')
  issue.addOption(
    new Option('--user <name>', 'the account that it is for').conflicts(['service', 'publish', 'subscribe']),
  )
  issue.option('--service <name>', 'the integration that it is for')
  issue.option('--publish <filter...>', 'topics the integration may publish to')
  issue.option('--subscribe <filter...>', 'topics the integration may subscribe to')
  issue.option('--ttl <seconds>', 'its lifetime', parseSeconds)
  answers(issue, context, issueOptions, async (_names, options) => {
    if (options.user === undefined && options.service === undefined) issue.error('error: give --user or --service')
    return context.withBackend(backend => issueToken(backend, options))
  })

  const inspect = withToken(
    group.command('inspect').description('show the claims of a token, and whether it would be accepted now'),
  )
  answers(inspect, context, tokenOptions, async (_names, options) => {
    const token = await readToken(inspect, context, options)
    if (typeof token !== 'string') return token
    const { claims, verdict } = await context.withBackend(backend => backend.administration.inspectToken(token))
    const said = Object.entries(claims ?? {}).map(([name, value]) => [name, shown(name, value)])
    return {
      value: { verdict, claims: claims ?? null },
      text: alignColumns([['verdict', verdict], ...said]),
      ...(verdict !== 'accepted' && { failed: true }),
    }
  })

  const rotate = withToken(
    group
      .command('rotate')
      .description('give an integration a new token with the same rights; the old one stays valid for a while'),
  )
  rotate.option('--overlap <seconds>', 'how long the old token stays valid; a week by default', parseSeconds)
  rotate.option('--ttl <seconds>', 'lifetime of the new token; that of the old one by default', parseSeconds)
  answers(rotate, context, rotateOptions, async (_names, { overlap, ttl, ...options }) => {
    const token = await readToken(rotate, context, options)
    if (typeof token !== 'string') return token
    const wanted = { token, overlapSeconds: overlap, ...(ttl !== undefined && { ttlSeconds: ttl }) }
    const rotated = await context.withBackend(backend => backend.administration.rotateServiceToken(wanted))
    return 'problem' in rotated ? { refused: rotated.problem } : rotationAnswer(rotated)
  })

  const revoke = withToken(
    group.command('revoke').description('refuse a token and its whole family from now on, and close its sessions'),
  )
  revoke.argument('[id]', 'its id (jti), as inspect and the console show it; without it you are asked for the token')
  answers(revoke, context, tokenOptions, async ([id], options) => {
    const token = id ?? (await readToken(revoke, context, options))
    if (typeof token !== 'string') return token
    const done = await context.withBackend(backend => backend.administration.revokeToken(token))
    if (done === 'unknown') return { refused: 'there is no such token on record' }
    return { value: { revoked: true }, text: 'The token is revoked; its open sessions are closed.' }
  })
}

async function issueToken({ administration }: Backend, options: IssueOptions): Promise<CommandAnswer> {
  const { user, service: name = '', publish, subscribe, ttl } = options
  const life = ttl === undefined ? {} : { ttlSeconds: ttl }
  const issued =
    user === undefined
      ? await administration.issueServiceToken({ name, publish, subscribe, ...life })
      : await administration.issueToken({ user, ...life })
  if (issued === 'unknown') return { refused: `there is no user named ${JSON.stringify(user)}` }
  if (issued === 'disabled') return { refused: `the account ${JSON.stringify(user)} is disabled` }
  if ('problem' in issued) return { refused: issued.problem }
  const { token, expiresAtMs } = issued
  const until = new Date(expiresAtMs).toISOString()
  return {
    value: { token, expiresAt: Math.floor(expiresAtMs / 1000) },
    text: token,
    note: `Valid until ${until}. It is not shown again. Connect with user name "jwt" and the token as password.`,
  }
}

function rotationAnswer({ token, service, expiresAtMs, oldEndsAtMs }: Rotated): CommandAnswer {
  const [until, oldUntil] = [expiresAtMs, oldEndsAtMs].map(atMs => new Date(atMs).toISOString())
  const seconds = (atMs: number) => Math.floor(atMs / 1000)
  return {
    value: { token, service, expiresAt: seconds(expiresAtMs), oldEndsAt: seconds(oldEndsAtMs) },
    text: token,
    note: `For ${service}, valid until ${until}. It is not shown again. The old token is valid until ${oldUntil}; then its sessions are closed.`,
  }
}

function parseSeconds(text: string): number {
  const seconds = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
  if (seconds === undefined) throw new InvalidArgumentError('It must be a whole number of seconds, at least 1.')
  return seconds
}

function shown(name: string, value: unknown): string {
  if (name === 'acl') return JSON.stringify(value)
  const isTime = (name === 'iat' || name === 'exp') && typeof value === 'number'
  return isTime && Math.abs(value) < 8.64e12 ? `${value} (${new Date(value * 1000).toISOString()})` : String(value)
}
