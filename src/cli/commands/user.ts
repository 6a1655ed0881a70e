import { Argument, type Command, Option } from 'commander'
import * as z from 'zod'
import type { Account, AccountRole } from '../../domain/account.ts'
import { newUsernameSchema } from '../../protocol/identifiers.ts'
import type { Backend } from '../backend.ts'
import { answers, type CommandAnswer, type CommandContext } from '../command-context.ts'
import { readPassword } from '../input/read-password.ts'
import { alignColumns } from '../output/align-columns.ts'

const roles = ['user', 'operator'] as const satisfies readonly AccountRole[]
const noOptions = z.object({})
const passwordOptions = z.object({ passwordStdin: z.boolean().default(false) })
type PasswordOptions = z.output<typeof passwordOptions>

/** `latchkey user …`: people's accounts. */
export function registerUserCommands(program: Command, context: CommandContext): void {
  const group = program.command('user').description("people's accounts")
  const named = (verb: string, description: string) =>
    group.command(verb).description(description).argument('<name>', 'user name')

  const add = withPassword(named('add', 'create an account'))
  add.addOption(new Option('--role <role>', 'what the account may do').choices(roles).default('user'))
  answers(
    add,
    context,
    passwordOptions.extend({ role: z.enum(roles) }),
    async ([username = ''], { role, ...flags }) => {
      requireSomebodyToAsk(add, context, flags)
      const problem = newUsernameSchema.safeParse(username).error?.issues[0]?.message
      if (problem !== undefined) return { refused: `a user name ${problem}` }
      const taken = await context.withBackend(({ administration }) => administration.accountNamed(username))
      if (taken) return { refused: alreadyThere(username, taken) }
      const password = await passwordFor(context, flags)
      if (typeof password !== 'string') return password
      const account = await context.withBackend(backend =>
        backend.administration.addAccount({ username, password, role }),
      )
      if (typeof account === 'string') return { refused: alreadyThere(username) } // meanwhile
      return {
        value: idAndRole(account),
        text: `${roleName[account.role]} ${quote(account.username)} can sign in now.`,
      }
    },
  )

  answers(group.command('list').description('all accounts'), context, noOptions, async () => {
    const accounts = await context.withBackend(backend => backend.administration.listAccounts())
    return { value: accounts.map(listed), text: tableOf(accounts) }
  })

  for (const disabled of [true, false]) {
    const verb = disabled ? 'disable' : 'enable'
    const command = named(
      verb,
      disabled ? 'sign an account out everywhere and keep it out' : 'let an account sign in again',
    )
    const how = disabled ? endingSessions('is disabled') : 'is enabled and can sign in again'
    answers(command, context, noOptions, ([username = '']) =>
      changed(context, username, how, ({ administration }) => administration.setDisabled(username, disabled)),
    )
  }

  const role = named('role', 'change what an account may do; it has to sign in again')
  role.addArgument(new Argument('<role>', 'the new role').choices(roles))
  answers(role, context, noOptions, ([username = '', given]) => {
    const next = z.enum(roles).parse(given)
    return changed(context, username, endingSessions(`is ${roleName[next].toLowerCase()} now`), ({ administration }) =>
      administration.setRole(username, next),
    )
  })

  answers(
    named('wechat', 'the WeChat users who can sign in to an account'),
    context,
    noOptions,
    async ([username = '']) => {
      const links = await context.withBackend(({ administration }) => administration.wechatLinksOf(username))
      if (links === 'unknown') return { refused: noSuchUser(username) }
      const rows = links.map(({ id, linkedAtMs }) => ({ link: id, linkedAt: Math.floor(linkedAtMs / 1000) }))
      const lines = links.map(({ id, linkedAtMs }) => [id, new Date(linkedAtMs).toISOString()])
      return { value: rows, text: rows.length === 0 ? 'None.' : alignColumns([['LINK', 'SINCE'], ...lines]) }
    },
  )

  const unbind = named('unbind', 'remove the WeChat links of an account; it has to sign in again')
  unbind.option('--link <id>', 'only this link, as `user wechat` shows it')
  answers(unbind, context, z.object({ link: z.string().optional() }), async ([username = ''], { link }) => {
    const done = await context.withBackend(({ administration }) => administration.unlinkWechat(username, link))
    if (done === 'no-link') return { refused: `${quote(username)} has no such WeChat link` }
    return changed(context, username, endingSessions('is unbound from WeChat'), async () => done)
  })

  const password = withPassword(named('password', 'set a new password; the account has to sign in again'))
  password.option('--unbind', 'also remove its WeChat links, which allow signing in without a password')
  const options = passwordOptions.extend({ unbind: z.boolean().default(false) })
  answers(password, context, options, async ([username = ''], { unbind: unlink, ...flags }) => {
    requireSomebodyToAsk(password, context, flags)
    const known = await context.withBackend(({ administration }) => administration.accountNamed(username))
    if (!known) return { refused: noSuchUser(username) }
    const next = await passwordFor(context, flags)
    if (typeof next !== 'string') return next
    const answer = await changed(context, username, endingSessions('has a new password'), ({ administration }) =>
      administration.setPassword(username, next, unlink),
    )
    if ('refused' in answer) return answer
    const links = await context.withBackend(({ administration }) => administration.wechatLinksOf(username))
    return links === 'unknown' || links.length === 0
      ? answer
      : { ...answer, text: `${answer.text} ${stillLinked(username, links.length)}` }
  })
}

/** A thief who has made a link needs no password. */
const stillLinked = (username: string, count: number): string =>
  `${count === 1 ? 'A WeChat user still signs' : `${count} WeChat users still sign`} in to it without a password. To end that: latchkey user unbind ${username}`

const roleName = { user: 'User', operator: 'Operator' } as const
const quote = (name: string) => JSON.stringify(name)
const noSuchUser = (name: string) => `there is no user named ${quote(name)}`
const endingSessions = (how: string) => `${how}; its open sessions are closed`

/** Names that differ only in case or width are the same, so the account's own spelling is shown. */
const alreadyThere = (name: string, account?: Account): string =>
  `there is a user named ${quote(account?.username ?? name)} already`

const withPassword = (command: Command): Command =>
  command.option('--password-stdin', 'read the password from stdin instead of asking for it')

function requireSomebodyToAsk(command: Command, { stdin }: CommandContext, { passwordStdin }: PasswordOptions): void {
  if (!passwordStdin && !stdin.isTTY) command.error('error: stdin is not a terminal: give --password-stdin')
}

const passwordFor = ({ stdin, stderr }: CommandContext, { passwordStdin }: PasswordOptions) =>
  readPassword({ stdin, stderr, fromStdin: passwordStdin })

async function changed(
  context: CommandContext,
  username: string,
  how: string,
  change: (backend: Backend) => Promise<Account | 'unknown'>,
): Promise<CommandAnswer> {
  const account = await context.withBackend(change)
  if (account === 'unknown') return { refused: noSuchUser(username) }
  return { value: listed(account), text: `User ${quote(account.username)} ${how}.` }
}

const idAndRole = ({ id, username, role }: Account) => ({ id, username, role })

const listed = (account: Account) => ({
  ...idAndRole(account),
  disabled: account.disabled,
  createdAt: Math.floor(account.createdAtMs / 1000),
})

function tableOf(accounts: readonly Account[]): string {
  if (accounts.length === 0) return 'No accounts yet. Make one with: latchkey user add NAME'
  const rows = accounts.map(({ id, role, disabled, createdAtMs, username }) => [
    id,
    role,
    disabled ? 'disabled' : 'enabled',
    new Date(createdAtMs).toISOString().slice(0, 10),
    username,
  ])
  return alignColumns([['ID', 'ROLE', 'STATE', 'SINCE', 'NAME'], ...rows])
}
