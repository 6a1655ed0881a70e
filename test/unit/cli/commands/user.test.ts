import { describe, expect, test } from 'vitest'
import { type Calls, runLine } from '../command-line.ts'

/** All but looking. */
const changesIn = (calls: Calls) => calls.filter(([name]) => name !== 'accountNamed' && name !== 'close')

describe('user add', () => {
  test('prints exactly id, name and role with --json', async () => {
    const { exitCode, stdout } = await runLine(['user', 'add', 'eve', '--password-stdin', '--json'], {
      typed: 'pass word\n',
    })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ id: 'u1', username: 'eve', role: 'user' })
    expect(stdout).not.toContain('pass word')
  })

  test.each([
    ['pass word', 'pass word'],
    ['pass word\n', 'pass word'],
    ['pass word\r\n', 'pass word'],
    ['pass word\n\n', 'pass word\n'],
    [' p s w d ', ' p s w d '],
    ['密码密码密码密码', '密码密码密码密码'],
  ])('takes %j from stdin as %j', async (typed, password) => {
    const { calls } = await runLine(['user', 'add', 'eve', '--role', 'operator', '--password-stdin'], { typed })
    expect(calls).toContainEqual(['addAccount', { username: 'eve', password, role: 'operator' }])
  })

  test('asks twice on a terminal, and shows nothing of what is typed', async () => {
    const { exitCode, calls, stdout, stderr } = await runLine(['user', 'add', 'eve'], {
      typed: 'password1\npassword1\n',
      terminal: true,
    })
    expect(exitCode).toBe(0)
    expect(calls).toContainEqual(['addAccount', { username: 'eve', password: 'password1', role: 'user' }])
    expect(stderr).toBe('Password: \nOnce more: \n')
    expect(stdout).not.toContain('password1')
  })

  test.each([
    ['password1\npassword2\n', 'the two passwords differ'],
    ['password1\n', 'no password was typed'],
    ['\n\n', 'a password has at least 8 characters'],
    ['1234567\n1234567\n', 'a password has at least 8 characters'],
  ])('typed as %j is refused: %s', async (typed, why) => {
    const { exitCode, stderr, calls } = await runLine(['user', 'add', 'eve'], { typed, terminal: true })
    expect({ exitCode, changes: changesIn(calls) }).toEqual({ exitCode: 1, changes: [] })
    expect(stderr).toContain(`error: ${why}\n`)
  })

  test.each(['', '1234567\n', '密码密码密码密'])(
    'from stdin %j is refused like on the phone: too short',
    async typed => {
      const { exitCode, stderr, calls } = await runLine(['user', 'add', 'eve', '--password-stdin'], { typed })
      expect({ exitCode, changes: changesIn(calls) }).toEqual({ exitCode: 1, changes: [] })
      expect(stderr).toBe('error: a password has at least 8 characters\n')
    },
  )

  test('without anybody to ask and without --password-stdin is bad usage', async () => {
    const { exitCode, stderr } = await runLine(['user', 'add', 'eve'], { typed: 'pass word\n' })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('--password-stdin')
  })

  test.each([
    ['ann', 'there is a user named "ann" already'],
    ['ANN', 'there is a user named "ann" already'],
    [' ', 'a user name must not begin or end with a space'],
    ['', 'a user name must be 1 to 64 characters'],
    ['a\u200bnn', 'nothing invisible (U+200B is none of these)'],
  ])('%j exits 1: %s', async (name, why) => {
    const { exitCode, stdout, stderr } = await runLine(['user', 'add', name, '--password-stdin', '--json'], {
      typed: 'pass word',
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({ error: expect.stringContaining(why) })
  })
})

test('user list prints a line an account, the name last', async () => {
  const { stdout } = await runLine(['user', 'list'])
  expect(stdout).toMatch(/^ID .* NAME\nu1 +user +enabled +2023-11-14 +ann\n$/)
})

const listed = { id: 'u1', username: 'ann', role: 'user', disabled: false, createdAt: 1_700_000_000 }

test('user list prints an array with --json', async () => {
  expect(JSON.parse((await runLine(['user', 'list', '--json'])).stdout)).toEqual([listed])
})

test.each([
  [['add', 'ANN'], 'there is a user named "ann" already'],
  [['add', 'a\u200bnn'], 'U+200B'],
  [['password', 'nobody'], 'there is no user named "nobody"'],
])('user %j is refused for its name before a password is asked for', async (args, why) => {
  for (const given of [{ typed: 'short\nother\n', terminal: true }, { typed: '' }]) {
    const { exitCode, stderr } = await runLine(
      ['user', ...args, ...(given.terminal ? [] : ['--password-stdin'])],
      given,
    )
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringMatching(/^error: a|^error: there/) })
    expect(stderr).toContain(why)
    expect(stderr).not.toContain('assword')
  }
})

test.each([
  ['disable', 'User "ann" is disabled; its open sessions are closed.\n'],
  ['enable', 'User "ann" is enabled and can sign in again.\n'],
])('user %s says what is true of its sessions', async (verb, sentence) => {
  expect((await runLine(['user', verb, 'ann'])).stdout).toBe(sentence)
})

test.each([
  [['user', 'password', 'ann', 'hunter222']],
  [['user', 'add', 'eve', '--role', 'operator', 'hunter222', '--json']],
  [['user', 'add', 'eve', '--password', 'hunter222']],
  [['user', 'add', 'eve', '--password=hunter222']],
  [['user', 'add', 'eve', '--password-stdin=hunter222']],
  [['device', 'add', '--type', 'lamp', '--secret', 'hunter222']],
])('%j is refused, and the password is said to be visible to others', async args => {
  const { exitCode, stdout, stderr, calls } = await runLine(args)
  expect({ exitCode, stdout, calls }).toEqual({ exitCode: 2, stdout: '', calls: [] })
  expect(stderr).toContain('every process of this machine can read arguments, so consider it known to others')
  expect(stderr).toContain('--password-stdin')
  expect(stderr).not.toContain('hunter222')
})

test.each([[['user', 'role', 'ann', 'operator']], [['user', 'add', 'eve', '--role', 'user', '--password-stdin']]])(
  '%j holds no password',
  async args => {
    expect((await runLine(args, { typed: 'pass word' })).exitCode).toBe(0)
  },
)

describe.each([
  [['disable', 'ann'], { disabled: true }, ['setDisabled', 'ann', true]],
  [['enable', 'ann'], { disabled: false }, ['setDisabled', 'ann', false]],
  [['role', 'ann', 'operator'], { role: 'operator' }, ['setRole', 'ann', 'operator']],
  [['password', 'ann', '--password-stdin'], {}, ['setPassword', 'ann', 'pass word']],
  [['password', 'ann', '--password-stdin', '--unbind'], {}, ['setPassword', 'ann', 'pass word', 'unlink']],
  [['unbind', 'ann', '--link', 'abcd'], {}, ['unlinkWechat', 'ann', 'abcd']],
])('user %j', (args, change, call) => {
  test('answers with the account as it is now', async () => {
    const { exitCode, stdout, calls } = await runLine(['user', ...args, '--json'], { typed: 'pass word\n' })
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ ...listed, ...change })
    expect(calls).toContainEqual(call)
  })

  test('exits 1 for a name nobody has', async () => {
    const [verb = '', , ...rest] = args
    const { exitCode, stderr } = await runLine(['user', verb, 'nobody', ...rest], { typed: 'pass word\n' })
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: 'error: there is no user named "nobody"\n' })
  })
})
