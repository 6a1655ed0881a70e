import { describe, expect, test } from 'vitest'
import type { OpenSession } from '../../../../src/domain/open-sessions.ts'
import { guest, type Principal } from '../../../../src/domain/principal.ts'
import { pageOfSessions } from '../../../../src/ops/requests/page-of-sessions.ts'
import { opsOperations } from '../../../../src/protocol/operations/ops.ts'

const token = { id: 'jti-1', expiresAtMs: 0 }
const user = (username: string): Principal => ({
  kind: 'user',
  userId: `id-of-${username}`,
  username,
  grants: new Map(),
  token,
})
const session = (clientId: string, principal: Principal, openedAtMs = 0, address = '192.0.2.1'): OpenSession => ({
  clientId,
  principal,
  address,
  openedAtMs,
  transport: 'ws',
  filters: 1,
})
const asked = (request: object) => opsOperations['ops/sessions'].request.parse(request)
const ids = async (sessions: readonly OpenSession[], request: object) =>
  (await pageOfSessions(sessions, asked(request))).sessions.map(({ clientId }) => clientId)

const three = [
  session('c', user('Ann'), 1, '192.0.2.9'),
  session('a', guest, 3),
  session('b', { kind: 'device', deviceId: 'b', type: 'lamp' }, 2),
]

describe('a page of sessions', () => {
  test.each([
    [{}, ['c', 'b', 'a']],
    [{ descending: true }, ['a', 'b', 'c']],
    [{ sort: 'clientId' }, ['a', 'b', 'c']],
    [{ sort: 'kind' }, ['b', 'a', 'c']],
    [{ sort: 'name' }, ['a', 'c', 'b']],
    [{ sort: 'address' }, ['a', 'b', 'c']],
    [{ offset: 1, limit: 1 }, ['b']],
    [{ search: 'ANN' }, ['c']],
    [{ search: 'id-of' }, ['c']],
    [{ search: '.2.9' }, ['c']],
    [{ kind: 'guest' }, ['a']],
  ])('%j', async (request, expected) => {
    expect(await ids(three, request)).toEqual(expected)
  })

  test('says how many there are in all, and holds no more than was asked for', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => session(`c${i}`, guest, 10_000 - i))
    const page = await pageOfSessions(many, asked({ offset: 9_990, limit: 200 }))
    expect(page.total).toBe(10_000)
    expect(page.sessions.map(({ clientId }) => clientId)).toEqual(Array.from({ length: 10 }, (_, i) => `c${9 - i}`))
  })

  test('names the token, by which it can be revoked, and nothing of the grants', async () => {
    expect((await pageOfSessions(three, asked({ search: 'Ann' }))).sessions).toEqual([
      {
        clientId: 'c',
        kind: 'user',
        name: 'Ann',
        userId: 'id-of-Ann',
        tokenId: 'jti-1',
        address: '192.0.2.9',
        transport: 'ws',
        openedAt: 1,
        filters: 1,
      },
    ])
  })
})
