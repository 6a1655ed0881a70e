import { expect, test } from 'vitest'
import type { OpenSession } from '../../../../src/domain/open-sessions.ts'
import { rules } from '../../../../src/domain/policy.ts'
import { ruleMeaning } from '../../../../src/domain/rule-meaning.ts'
import { createExplain } from '../../../../src/ops/requests/create-explain.ts'

const account = (username: string, more: object = {}) => ({
  id: `id-of-${username}`,
  username,
  role: 'user' as const,
  disabled: false,
  createdAtMs: 0,
  passwordHash: '',
  ...more,
})
const people = [account('ann'), account('bob', { disabled: true }), account('root', { role: 'operator' })]
const device = {
  id: 'lamp',
  type: 'lamp',
  name: 'Lamp',
  disabled: false,
  createdAtMs: 0,
  secretHash: '',
  claimHash: null,
  tenure: '',
}

/** `lamp` is ann's, bob views it; the session `c1` is a guest's; nothing else is connected. */
const explain = createExplain({
  accounts: {
    accountByUsername: async name => people.find(({ username }) => username === name),
    grantsOf: async id => new Map([['lamp', id === 'id-of-ann' ? ('owner' as const) : ('viewer' as const)]]),
  },
  devices: {
    deviceById: async id => (id === 'lamp' ? device : id === 'off' ? { ...device, id, disabled: true } : undefined),
  },
  sessions: {
    byClientId: async (clientId): Promise<OpenSession | undefined> =>
      clientId === 'c1'
        ? { clientId, address: '', principal: { kind: 'guest' }, transport: 'ws', openedAtMs: 0, filters: 0 }
        : undefined,
  },
})
const checked = 'values-are-checked-by-the-device-type'

test.each([
  [
    { user: 'ann', publish: 'devices/lamp/set' },
    { allowed: true, rule: 'member-commands', as: 'user:id-of-ann', role: 'owner', notes: ['device-offline', checked] },
  ],
  [
    { user: 'bob', publish: 'devices/lamp/set' },
    { allowed: false, rule: 'no-rule', role: 'viewer', notes: ['account-disabled', 'device-offline', checked] },
  ],
  [
    { user: 'bob', subscribe: 'devices/lamp/state' },
    { allowed: true, rule: 'viewer-reads' },
  ],
  [
    { user: 'ann', subscribe: 'devices/+/state' },
    { allowed: true, rule: 'member-follows', notes: [] },
  ],
  [
    { user: 'ann', deliver: 'devices/other/state' },
    { allowed: false, role: null, notes: ['no-such-device'] },
  ],
  [
    { user: 'root', subscribe: 'ops/#' },
    { allowed: true, rule: 'operator-reads', as: 'operator:id-of-root' },
  ],
  [
    { user: 'root', publish: 'ops/log/info/x' },
    { allowed: false, rule: 'no-rule' },
  ],
  [
    { user: 'ann', clientId: 'p1', publish: 'request/p1/auth/logout' },
    { allowed: true, rule: 'own-requests' },
  ],
  [
    { user: 'ann', publish: 'request/p1/auth/logout' },
    { allowed: false, rule: 'no-rule' },
  ],
  [
    { device: 'lamp', publish: 'devices/lamp/ack', retain: true },
    { allowed: false, rule: 'retain-not-allowed' },
  ],
  [
    { device: 'off', publish: 'devices/off/state' },
    { allowed: true, rule: 'device-state', notes: ['device-disabled'] },
  ],
  [
    { service: 's', acl: [{ permission: 'allow', action: 'publish', topic: 'app/#' }], publish: 'app/x' },
    { allowed: true, rule: 'service-acl', as: 'service:s' },
  ],
  [
    { service: 's', publish: 'devices/lamp/state' },
    { allowed: false, rule: 'service-bounds' },
  ],
  [{ publish: '$SYS/x' }, { allowed: false, rule: 'below-dollar', as: 'guest' }],
  [
    { session: 'c1', publish: 'request/c1/auth/login' },
    { allowed: true, rule: 'own-requests', as: 'guest' },
  ],
  [
    { user: 'nobody', publish: 'a' },
    { refused: 3001, detail: 'nobody' },
  ],
  [{ device: 'nothing', publish: 'a' }, { refused: 2001 }],
  [
    { session: 'c2', publish: 'a' },
    { refused: 3001, detail: 'c2' },
  ],
  [{ user: 'ann' }, { refused: 4000 }],
  [{ user: 'ann', publish: 'a', subscribe: 'a' }, { refused: 4000 }],
  [{ user: 'ann', device: 'lamp', publish: 'a' }, { refused: 4000 }],
] as const)('%j', async (question, expected) => {
  expect(await explain({ ...question, acl: 'acl' in question ? [...question.acl] : undefined })).toMatchObject(expected)
})

test('every rule that the policy may name has a sentence', () => {
  const named = ['no-rule', 'malformed-topic', 'below-dollar', 'retain-not-allowed', 'service-acl', 'service-bounds']
  for (const id of [...rules.map(rule => rule.id), ...named, 'member-follows']) expect(ruleMeaning(id), id).not.toBe('')
  expect(ruleMeaning('member-commands')).toBe(
    'user whose role on the device is owner or controller may publish devices/{device}/set, devices/{device}/invoke/+',
  )
})
