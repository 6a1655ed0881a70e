import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startAbuser } from '../../support/abuse/abuser.ts'
import { startCanary } from '../../support/abuse/canary.ts'
import { connectOperator } from '../../support/operator.ts'
import { startApp } from '../../support/start-app.ts'

const patience = 400_000
const counted = 'with recursive n (i) as (select 1 union all select i + 1 from n where i < '
const requests = [
  ['ops/users', { search: '' }],
  ['ops/users', { search: 'nobody' }],
  ['ops/users', { offset: 99_900 }],
  ['ops/devices', { search: '' }],
  ['ops/devices', { search: 'nothing' }],
  ['ops/devices', { offset: 99_900 }],
  ['ops/audit', {}],
  ['ops/audit', { who: 'user-1' }],
  ['ops/audit', { who: 'nobody' }],
  ['ops/audit', { kind: 'keys/rotate' }],
  ['ops/audit', { since: 0, until: 1 }],
] as const

test(
  'an operator who lists and searches 100,000 accounts and devices and 200,000 audit entries holds nobody up',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-operators-'))
    await (await startApp({ dataDir }))[Symbol.asyncDispose]()
    await using abuser = await startAbuser()
    await abuser.call('sql', join(dataDir, 'latchkey.db'), [
      `insert into account (id, username, password_hash, role, disabled, created_at_ms)
       ${counted}100000) select 'id-' || i, 'user-' || i, 'x', 'user', 0, 1 from n`,
      `insert into device (id, type, name, secret_hash, disabled, created_at_ms, tenure)
       ${counted}100000) select 'lamp-' || i, 'lamp', 'Lamp ' || i, 'x', 0, 1, 't' from n`,
      `insert into member (device_id, account_id, role, since_ms)
       ${counted}100000) select 'lamp-' || i, 'id-' || i, 'owner', 1 from n`,
      `insert into audit (at_ms, kind, actor_kind, actor_id, client_id, address)
       ${counted}200000) select i, 'signed-in', 'user', 'id-' || (i % 1000), 'c', '127.0.0.1' from n`,
    ])
    const running = await startApp({ dataDir, env: { LATCHKEY_LOG_LEVEL: 'warn' } })
    const operator = await connectOperator(running)
    const canary = await startCanary(running)
    for (const [operation, request] of requests) {
      console.log(operation, JSON.stringify(request))
      await canary.stayHealthyWhile(async () => expect((await operator.request(operation, request)).code).toBe(0))
    }
    await canary[Symbol.asyncDispose]()
    await operator[Symbol.asyncDispose]()
    await running[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true, force: true })
  },
  patience,
)
