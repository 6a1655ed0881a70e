import type { AuditStore, AuditTarget } from '../domain/audit.ts'
import type { Clock } from '../domain/request.ts'
import type { AuditKind } from '../protocol/operations/audit.ts'
import type { Backend } from './backend.ts'

interface Options {
  readonly backend: Omit<Backend, 'audit'> & { readonly audit: Pick<AuditStore, 'append' | 'query'> }
  /** The user of this machine who runs the command. */
  readonly by: string
  readonly now: Clock
  /** Told that something was done but could not be recorded. */
  readonly onFault: (cause: unknown) => void
}

/** A result that is not a refusal, which is a word or a sentence. */
type Done<Result> = Exclude<Result, string | { readonly problem: string }>
const isDone = <Result extends object | string>(result: Result): result is Done<Result> =>
  typeof result === 'object' && !('problem' in result)

/** The same backend, which records its changes in the audit trail. */
export function auditedBackend({ backend, by, now, onFault }: Options): Backend {
  const { administration, provisioning, products, keys, audit } = backend

  /** Records what was done unless it was refused. The result is returned even when it cannot be recorded. */
  const recorded = <Result extends object | string>(
    doing: Promise<Result>,
    kind: AuditKind,
    targetOf: (done: Done<Result>) => AuditTarget,
    detail?: string,
  ): Promise<Result> =>
    doing.then(async result => {
      if (!isDone(result)) return result
      const actor = { kind: 'cli', id: by } as const
      const more = { target: targetOf(result), ...(detail !== undefined && { detail }) }
      await audit.append([{ atMs: now(), actor, clientId: '', address: '', kind, ...more }]).catch(onFault)
      return result
    })

  const user = ({ id }: { readonly id: string }): AuditTarget => ({ kind: 'user', id })
  const device = ({ id }: { readonly id: string }): AuditTarget => ({ kind: 'device', id })
  const product = ({ type }: { readonly type: string }): AuditTarget => ({ kind: 'product', id: type })

  return {
    ...backend,
    administration: {
      ...administration,
      addAccount: wanted => recorded(administration.addAccount(wanted), 'user/add', user, wanted.role),
      setDisabled: (name, disabled) =>
        recorded(administration.setDisabled(name, disabled), disabled ? 'user/disable' : 'user/enable', user),
      setRole: (name, role) => recorded(administration.setRole(name, role), 'user/role', user, role),
      setPassword: (name, password, unlink) =>
        recorded(
          administration.setPassword(name, password, unlink),
          'user/password',
          user,
          unlink ? 'unbound' : undefined,
        ),
      unlinkWechat: (name, link) => recorded(administration.unlinkWechat(name, link), 'user/unbind', user),
      revokeTokens: name => recorded(administration.revokeTokens(name), 'user/signout', user),
      issueToken: wanted =>
        recorded(
          administration.issueToken(wanted),
          'token/issue',
          token => ({ kind: 'token', id: token.id }),
          wanted.user,
        ),
      issueServiceToken: wanted =>
        recorded(administration.issueServiceToken(wanted), 'token/issue', () => ({ kind: 'service', id: wanted.name })),
      rotateServiceToken: wanted =>
        recorded(administration.rotateServiceToken(wanted), 'token/rotate', ({ service }) => ({
          kind: 'service',
          id: service,
        })),
      revokeToken: token =>
        recorded(administration.revokeToken(token), 'token/revoke', ({ id }) => ({ kind: 'token', id })),
    },
    provisioning: {
      ...provisioning,
      addDevice: wanted => recorded(provisioning.addDevice(wanted), 'device/add', device, wanted.type),
      resetDevice: id => recorded(provisioning.resetDevice(id), 'device/reset', device),
      issueClaimCode: id => recorded(provisioning.issueClaimCode(id), 'device/qr', device),
      async setDisabled(id, disabled) {
        const done = await provisioning.setDisabled(id, disabled)
        if (done === 'done')
          await recorded(Promise.resolve({ id }), disabled ? 'device/disable' : 'device/enable', device)
        return done
      },
    },
    keys: {
      async rotate() {
        const kid = await keys.rotate()
        await recorded(Promise.resolve({ id: kid }), 'keys/rotate', ({ id }) => ({ kind: 'key', id }))
        return kid
      },
    },
    products: {
      ...products,
      enable: type => recorded(products.enable(type), 'product/enable', product),
      disable: type => recorded(products.disable(type), 'product/disable', product),
      rotate: type => recorded(products.rotate(type), 'product/rotate', product),
    },
  }
}
