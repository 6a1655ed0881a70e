import { PassThrough } from 'node:stream'
import type { Backend } from '../../../src/cli/backend.ts'
import { createProgram, type ExitCode } from '../../../src/cli/program.ts'
import type { Account } from '../../../src/domain/account.ts'
import { refuse } from '../../../src/domain/refusal.ts'

export const ann: Account = { id: 'u1', username: 'ann', role: 'user', disabled: false, createdAtMs: 1_700_000_000_000 }

/** What was asked of the fake backend, in order: name and argument. */
export type Calls = [name: string, ...given: unknown[]][]

/** Knows one account, ann, and one device, lamp-1. */
export function createFakeBackend(calls: Calls): Backend {
  const noted = <T>(result: T, ...call: Calls[number]): Promise<T> => {
    calls.push(call)
    return Promise.resolve(result)
  }
  const changed = (username: string, change: Partial<Account>) =>
    username === 'ann' ? { ...ann, ...change } : ('unknown' as const)
  const product = (type: string, enabled: boolean) =>
    type === 'lamp' ? { type, generation: 1, enabled, secret: 'PRODUCT-SECRET' } : ('unknown-type' as const)
  const issued = { token: 'header.claims.signature', id: 't1', expiresAtMs: 1_700_000_000_999 }
  return {
    administration: {
      addAccount: account =>
        noted(
          account.username === 'ann' ? 'taken' : account.username === ' ' ? 'bad-username' : { ...ann, ...account },
          'addAccount',
          account,
        ),
      listAccounts: () => noted([ann], 'listAccounts'),
      accountNamed: name => noted(name.toLowerCase() === 'ann' ? ann : undefined, 'accountNamed', name),
      setDisabled: (name, disabled) => noted(changed(name, { disabled }), 'setDisabled', name, disabled),
      setRole: (name, role) => noted(changed(name, { role }), 'setRole', name, role),
      setPassword: (name, password, unlink) =>
        noted(changed(name, {}), 'setPassword', name, password, ...(unlink ? ['unlink'] : [])),
      wechatLinksOf: name =>
        noted(name === 'ann' ? [{ id: 'abcd', linkedAtMs: 0 }] : ('unknown' as const), 'wechatLinksOf', name),
      unlinkWechat: (name, link) => noted(changed(name, {}), 'unlinkWechat', name, link),
      revokeTokens: name => noted(changed(name, {}), 'revokeTokens', name),
      issueToken: request => {
        const known = request.user === 'ann' ? issued : request.user === 'bob' ? 'disabled' : 'unknown'
        return noted(known, 'issueToken', request)
      },
      issueServiceToken: request =>
        noted(request.publish.includes('$SYS/#') ? { problem: 'not that' } : issued, 'issueServiceToken', request),
      rotateServiceToken: request =>
        noted(
          request.token === 'good'
            ? { ...issued, service: 'nodered', oldEndsAtMs: 1_600_000_000_000 }
            : { problem: 'the token is not accepted (bad-credentials): issue another' },
          'rotateServiceToken',
          request,
        ),
      inspectToken: token =>
        noted({ verdict: token === 'good' ? 'accepted' : 'bad-credentials' }, 'inspectToken', token),
      revokeToken: token => noted(token === 't1' ? { id: 't1' } : 'unknown', 'revokeToken', token),
    },
    provisioning: {
      addDevice: wanted => {
        const { id = 'lamp-2', type } = wanted
        const device = { id, type, secret: 'S', claimCode: 'AAAA-BBBB' }
        return noted(type !== 'lamp' ? 'unknown-type' : id === 'lamp-1' ? 'taken' : device, 'addDevice', wanted)
      },
      resetDevice: id => noted(id === 'lamp-1' ? { id, secret: 'S2', claimCode: null } : 'unknown', 'resetDevice', id),
      issueClaimCode: id => {
        const known = id === 'lamp-1' ? 'owned' : id === 'lamp-2' ? { id, claimCode: 'CCCC-DDDD' } : 'unknown'
        return noted(known, 'issueClaimCode', id)
      },
      setDisabled: (id, disabled) => noted(id === 'lamp-1' ? 'done' : 'unknown', 'setDisabled', id, disabled),
      listDevices: () =>
        noted(
          [
            {
              id: 'lamp-1',
              type: 'lamp',
              name: 'Lamp',
              disabled: false,
              createdAtMs: 0,
              online: true,
              sinceMs: 1_700_000_000_000,
              members: [{ userId: 'u1', role: 'owner' as const }],
            },
          ],
          'listDevices',
        ),
    },
    keys: { rotate: () => noted('the-new-kid', 'rotate keys') },
    products: {
      show: type => noted(product(type, false), 'show', type),
      enable: type => noted(product(type, true), 'enable', type),
      disable: type => noted(product(type, false), 'disable', type),
      rotate: type => noted(product(type, true), 'rotate', type),
    },
    backUp: folder => noted(['latchkey.db', 'mqtt.db'], 'backUp', folder),
    explain: question => noted(refuse(3001, { detail: question.user ?? '' }), 'explain', question),
    audit: { query: query => noted([], 'audit', query) },
    close: () => noted(undefined, 'close'),
  }
}

export interface Outcome {
  readonly exitCode: ExitCode
  readonly stdout: string
  readonly stderr: string
  readonly calls: Calls
}

/** Runs one command line against the fake backend. `typed` is what stdin holds; with `terminal` it is a person. */
export async function runLine(
  args: readonly string[],
  { typed = '', terminal = false, env = {} }: { typed?: string; terminal?: boolean; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const calls: Calls = []
  const written = { stdout: '', stderr: '' }
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal })
  stdin.end(typed)
  const program = createProgram({
    env,
    configDir: 'config',
    version: '1.2.3',
    stdin,
    stdout: { isTTY: terminal, write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
    untilStopped: () => Promise.resolve(),
    doctorProbes: {
      checkDatabase: async () => 'ok',
      endingTokens: async () => [],
      isNewer: async () => false,
      namesAlike: async () => [],
      askWechat: async () => ({ errcode: 40029 }),
    },
    openBackend: () => Promise.resolve(createFakeBackend(calls)),
    registerStart: commands => void commands.command('start').action(() => Promise.reject(new Error('port in use'))),
  })
  const exitCode = await program.run(args)
  return { exitCode, ...written, calls }
}
