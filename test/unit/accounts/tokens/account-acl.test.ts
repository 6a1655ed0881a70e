import { describe, expect, it } from 'vitest'
import { accountAcl, fitsToken } from '../../../../src/accounts/tokens/account-acl.ts'
import { decideSubscribe } from '../../../../src/domain/policy.ts'
import type { Grants, UserPrincipal } from '../../../../src/domain/principal.ts'

const own = [
  { permission: 'allow', action: 'publish', topic: 'request/$' + '{clientid}/#' },
  { permission: 'allow', action: 'subscribe', topic: 'reply/$' + '{clientid}/#' },
  { permission: 'allow', action: 'subscribe', topic: 'notify/$' + '{clientid}/#' },
]
const rest = { permission: 'deny', action: 'all', topic: '#' }

describe('the acl of an account', () => {
  it('allows only its own requests and replies when it has no device', () => {
    expect(accountAcl('user', new Map())).toEqual([...own, rest])
  })

  it('lets an owner command and read, a viewer read', () => {
    const acl = accountAcl('user', new Map([['lamp', 'owner'] as const, ['plug', 'viewer'] as const]))
    expect(acl).toEqual([
      ...own,
      { permission: 'allow', action: 'publish', topic: 'devices/lamp/set' },
      { permission: 'allow', action: 'publish', topic: 'devices/lamp/invoke/+' },
      { permission: 'allow', action: 'subscribe', topic: 'devices/lamp/#' },
      { permission: 'allow', action: 'subscribe', topic: 'devices/plug/state' },
      { permission: 'allow', action: 'subscribe', topic: 'devices/plug/presence' },
      { permission: 'allow', action: 'subscribe', topic: 'devices/plug/ack' },
      { permission: 'allow', action: 'subscribe', topic: 'devices/plug/event/+' },
      rest,
    ])
  })

  it('allows nothing that the policy refuses', () => {
    const grants: Grants = new Map([['lamp', 'controller'] as const, ['plug', 'viewer'] as const])
    const token = { id: 't', expiresAtMs: 0 }
    const principal: UserPrincipal = { kind: 'user', userId: 'u', username: 'bob', grants, token }
    for (const { permission, action, topic } of accountAcl('user', grants)) {
      if (permission === 'deny' || action !== 'subscribe') continue
      const filter = topic.replace('$' + '{clientid}', 'c')
      expect(decideSubscribe({ clientId: 'c', principal }, filter)).toMatchObject({ allowed: true })
    }
  })

  it('gives an operator every device', () => {
    const topics = accountAcl('operator', new Map()).map(({ action, topic }) => `${action} ${topic}`)
    expect(topics).toContain('publish devices/+/set')
    expect(topics).toContain('subscribe devices/#')
    expect(topics.at(-1)).toBe('all #')
  })

  it('leaves out whole devices that no longer fit, and still denies the rest', () => {
    const grants = new Map(Array.from({ length: 300 }, (_, i) => [`d${i}`, 'owner'] as const))
    const acl = accountAcl('user', grants)
    expect(fitsToken(acl)).toBe(true)
    expect(acl.at(-1)).toEqual(rest)
    expect((acl.length - own.length - 1) % 3).toBe(0)
    expect(acl.length).toBeGreaterThan(50)
  })
})
