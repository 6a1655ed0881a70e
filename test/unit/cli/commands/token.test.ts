import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jwt from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'
import { runLine } from '../command-line.ts'

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
    const { stderr } = await runLine(['token', 'issue', '--user', 'ann'])
    expect(stderr).toContain('user name "jwt"')
  })
})

describe('token inspect', () => {
  test('of one that would be accepted exits 0', async () => {
    const { exitCode, stdout } = await runLine(['token', 'inspect', '--token-stdin'], { typed: 'good\n' })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'verdict  accepted\n' })
  })

  test('of one that would not exits 1, and says why', async () => {
    const { exitCode, stdout, stderr } = await runLine(['token', 'inspect', '--token-stdin'], { typed: 'junk\n' })
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: '', stderr: 'verdict  bad-credentials\n' })
  })

  test('reads the token from stdin, and shows the verdict even when nothing can be read', async () => {
    const { exitCode, stdout, calls } = await runLine(['token', 'inspect', '--token-stdin', '--json'], {
      typed: 'junk\n',
    })
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toEqual({ verdict: 'bad-credentials', claims: null })
    expect(calls[0]).toEqual(['inspectToken', 'junk'])
  })

  test('reads it from a file', async () => {
    using folder = openTempFolder()
    const file = join(folder.path, 'token')
    writeFileSync(file, 'from-a-file\n')
    const { calls } = await runLine(['token', 'inspect', '--token-file', file])
    expect(calls[0]).toEqual(['inspectToken', 'from-a-file'])
  })

  test.each([
    ['none', 'there is no such file or folder'],
    ['.', 'it is a folder'],
    ['file/token', 'it, or a part of its path, is a file and not a folder'],
    ['x'.repeat(300), 'its name is too long'],
  ])('says of the file %s why it cannot be read', async (name, reason) => {
    using folder = openTempFolder()
    writeFileSync(join(folder.path, 'file'), '')
    const file = join(folder.path, name)
    for (const command of ['inspect', 'revoke', 'rotate'])
      expect(await runLine(['token', command, '--token-file', file])).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `error: --token-file: ${file} cannot be read: ${reason}\n`,
        calls: [],
      })
  })

  test('asks a person for it, without showing it', async () => {
    const { calls, stdout, stderr } = await runLine(['token', 'inspect'], { typed: 'hidden\n', terminal: true })
    expect(calls[0]).toEqual(['inspectToken', 'hidden'])
    expect(stdout + stderr).not.toContain('hidden')
  })

  test.each([
    [[], '', 2, 'stdin is not a terminal: give --token-stdin or --token-file'],
    [['--token-stdin'], '\n', 1, 'the token is empty'],
    [['--token-stdin', '--token-file', 'x'], 't', 2, 'give --token-stdin or --token-file'],
    [['junk'], '', 2, "too many arguments for 'inspect'. Expected 0 arguments but got 1."],
  ])('%j with %j on stdin exits with %i', async (options, typed, exitCode, why) => {
    expect(await runLine(['token', 'inspect', ...options], { typed })).toMatchObject({
      exitCode,
      stdout: '',
      stderr: `error: ${why}\n`,
    })
  })
})

test('token revoke takes an id, or the token from stdin; an unknown one exits 1', async () => {
  const done = await runLine(['token', 'revoke', 't1', '--json'])
  expect(JSON.parse(done.stdout)).toEqual({ revoked: true })
  expect((await runLine(['token', 'revoke', '--token-stdin'], { typed: 't1' })).calls[0]).toEqual(['revokeToken', 't1'])
  expect(await runLine(['token', 'revoke', 't2'])).toMatchObject({
    exitCode: 1,
    stderr: 'error: there is no such token on record\n',
  })
})

describe('token rotate', () => {
  test('takes the old token from stdin, keeps it good for a week, and prints the new one', async () => {
    const { stdout, calls } = await runLine(['token', 'rotate', '--token-stdin', '--json'], { typed: 'good' })
    expect(JSON.parse(stdout)).toEqual({ ...issued, service: 'nodered', oldEndsAt: 1_600_000_000 })
    expect(calls[0]).toEqual(['rotateServiceToken', { token: 'good', overlapSeconds: 7 * 24 * 3600 }])
  })

  test('prints the token alone, so that it may go into a file; what a person should know is beside it', async () => {
    for (const args of [
      ['issue', '--user', 'ann'],
      ['rotate', '--token-stdin'],
    ]) {
      const { stdout, stderr } = await runLine(['token', ...args], { typed: 'good' })
      expect(stdout).toBe('header.claims.signature\n')
      expect(stderr).toMatch(/valid until .*not shown again/i)
    }
  })

  test('for as long as asked, and exits 1 when the old one is not accepted', async () => {
    const times = ['--overlap', '60', '--ttl', '3600']
    const { exitCode, calls } = await runLine(['token', 'rotate', '--token-stdin', ...times], { typed: 'bad' })
    expect(exitCode).toBe(1)
    expect(calls[0]).toEqual(['rotateServiceToken', { token: 'bad', overlapSeconds: 60, ttlSeconds: 3600 }])
  })
})

describe('a secret that is an argument', () => {
  const token = jwt.sign({ sub: 'ann' }, 'secret', { header: { alg: 'HS256', kid: 'a-key' } })

  test.each([
    [['token', 'inspect', token]],
    [['token', 'revoke', token]],
    [['token', 'revoke', '--', token]],
    [['logs', `--url=${token}`]],
    [['user', 'add', token]],
  ])('%# is refused before anything is done, with where it goes and that it is to be revoked', async args => {
    const { exitCode, stdout, stderr, calls } = await runLine(args)
    expect({ exitCode, stdout, calls }).toEqual({ exitCode: 2, stdout: '', calls: [] })
    expect(stderr).toMatch(
      /^error: a token must not be an argument: .* revoke it\. .*--token-stdin or --token-file.*\n$/,
    )
    expect(stderr).not.toContain(token)
  })

  test('an address with a password too', async () => {
    for (const args of [['--url', 'mqtts://ann:secret@host'], ['--url=mqtts://:secret@host:8883']]) {
      const { exitCode, stderr, calls } = await runLine(['trace', '--user', 'ann', ...args])
      expect({ exitCode, calls }).toEqual({ exitCode: 2, calls: [] })
      expect(stderr).toMatch(/^error: an address with a password must not be an argument/)
      expect(stderr).not.toContain('secret@')
    }
  })

  test('what only looks a little like one is not taken for one', async () => {
    const { stdout } = await runLine(['token', 'issue', '--service', 'eyJ.a.b', '--publish', 'app/eyJ', '--json'])
    expect(JSON.parse(stdout)).toEqual(issued)
  })
})

const openTempFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-token-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
