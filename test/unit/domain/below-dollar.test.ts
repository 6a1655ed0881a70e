import { expect, test } from 'vitest'
import { decidePublish } from '../../../src/domain/policy.ts'
import { guest, type Principal } from '../../../src/domain/principal.ts'

const token = { id: 't', expiresAtMs: 0 }
const everybody: Principal[] = [
  guest,
  { kind: 'user', userId: 'u', username: 'u', grants: new Map(), token },
  { kind: 'operator', userId: 'o', username: 'o', token },
  { kind: 'device', deviceId: 'd1', type: 'lamp' },
  { kind: 'service', name: 's', token, acl: [{ permission: 'allow', action: 'all', topic: '#' }] },
]

test.each(everybody)('a publish below $ is refused by a rule of its own: $kind', principal => {
  for (const topic of ['$SYS/x/new/clients', '$', '$latchkey/sink', '$follow/devices/+/state'])
    expect(decidePublish({ clientId: 'c1', principal }, topic)).toEqual({ allowed: false, rule: 'below-dollar' })
})
