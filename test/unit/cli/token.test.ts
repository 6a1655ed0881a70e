import { describe, expect, test } from 'vitest'
import { runLine } from './command-line.ts'

const issued = { token: 'header.claims.signature', expiresAt: 1_700_000_000 }

describe('token issue', () => {
  test('for a user prints exactly token and expiry, in seconds, with --json', async () => {
    const { exitCode, stdout, calls } = await runLine(['token', 'issue', '--user', 'ann', '--ttl', '60', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual(issued)
    expect(calls[0]).toEqual(['issueToken', { user: 'ann', ttlSeconds: 60 }])
  })

  test('for a service takes several filters, together or one by one', async () => {
    const args = ['--service', 'nodered', '--publish', 'app/a', 'app/b/#', '--publish', 'app/c', '--subscribe', 'app/#']
    const { stdout, calls } = await runLine(['token', 'issue', ...args, '--json'])
    expect(JSON.parse(stdout)).toEqual(issued)
    const publish = ['app/a', 'app/b/#', 'app/c']
    expect(calls[0]).toEqual(['issueServiceToken', { name: 'nodered', publish, subscribe: ['app/#'] }])
  })

  test.each([
    [['--user', 'nobody'], 'there is no user named "nobody"'],
    [['--user', 'bob'], 'the account "bob" is disabled'],
    [['--service', 's', '--publish', '$SYS/#'], 'not that'],
  ])('%j exits 1', async (options, why) => {
    const { exitCode, stdout, stderr } = await runLine(['token', 'issue', ...options])
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: '', stderr: `error: ${why}\n` })
  })

  test('says how to connect with it', async () => {
    const { stdout } = await runLine(['token', 'issue', '--user', 'ann'])
    expect(stdout).toMatch(/^header\.claims\.signature\n/)
    expect(stdout).toContain('user name "jwt"')
  })
})

test('token inspect shows the verdict even when nothing can be read', async () => {
  const { exitCode, stdout } = await runLine(['token', 'inspect', 'junk', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ verdict: 'bad-credentials', claims: null })
})

test('token revoke takes an id; an unknown one exits 1', async () => {
  const done = await runLine(['token', 'revoke', 't1', '--json'])
  expect(JSON.parse(done.stdout)).toEqual({ revoked: true })
  expect(await runLine(['token', 'revoke', 't2'])).toMatchObject({
    exitCode: 1,
    stderr: 'error: there is no such token on record\n',
  })
})
