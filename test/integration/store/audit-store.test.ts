import { expect, test } from 'vitest'
import type { AuditQuery, NewAuditEntry } from '../../../src/domain/audit.ts'
import { Database } from '../../../src/sqlite/sqlite.ts'
import { openPopulatedStore, openTempStore, tempFile } from './open-temp-store.ts'

const entry = (atMs: number, more: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  atMs,
  kind: 'kick',
  actor: { kind: 'operator', id: 'ann' },
  clientId: 'c1',
  address: '192.0.2.1',
  ...more,
})

test('entries come newest first with the names of today, and oldest first after an id', async () => {
  const { audit } = await openPopulatedStore()
  await audit.append([
    entry(1),
    entry(2, { kind: 'user/disable', target: { kind: 'user', id: 'ben' }, detail: 'why' }),
    entry(3, { actor: { kind: 'guest', id: '' }, target: { kind: 'device', id: 'ben' } }),
  ])
  const found = await audit.query({ limit: 2 })
  expect(found).toEqual([
    { ...entry(3, { actor: { kind: 'guest', id: '' }, target: { kind: 'device', id: 'ben' } }), id: 3 },
    {
      ...entry(2, { kind: 'user/disable', target: { kind: 'user', id: 'ben' }, detail: 'why' }),
      id: 2,
      actorName: 'name of ann',
      targetName: 'name of ben',
    },
  ])
  const after = await audit.query({ afterId: 1, limit: 5 })
  expect(after.map(({ id }) => id)).toEqual([2, 3])
})

test.each<[Omit<AuditQuery, 'limit'>, number[]]>([
  [{ sinceMs: 2 }, [4, 3, 2]],
  [{ untilMs: 2 }, [1]],
  [{ sinceMs: 2, untilMs: 4 }, [3, 2]],
  [{ beforeId: 3 }, [2, 1]],
  [{ kind: 'kick' }, [4, 1]],
  [{ who: 'name of ben' }, [3, 2]],
  [{ who: 'ben' }, [3, 2]],
  [{ who: 'lamp' }, [4]],
  [{ who: 'c9' }, [4]],
  [{ who: "' or 1=1 --" }, []],
])('%j', async (query, ids) => {
  const { audit } = await openPopulatedStore()
  await audit.append([
    entry(1),
    entry(2, { kind: 'signed-in', actor: { kind: 'user', id: 'ben' } }),
    entry(3, { kind: 'user/disable', target: { kind: 'user', id: 'ben' } }),
    entry(4, { target: { kind: 'device', id: 'lamp' }, clientId: 'c9' }),
  ])
  expect((await audit.query({ ...query, limit: 10 })).map(({ id }) => id)).toEqual(ids)
})

test('a member who was removed from a device, and the giver of an invitation, are found by name, and named', async () => {
  const { audit } = await openPopulatedStore()
  const target = { kind: 'device', id: 'lamp' } as const
  await audit.append([
    entry(1, { kind: 'member-removed', target, detail: 'user:ben' }),
    entry(2, {
      kind: 'invitation-accepted',
      actor: { kind: 'user', id: 'cat' },
      target,
      detail: 'viewer, given by user:ben',
    }),
    entry(3, { kind: 'member-removed', target, detail: 'user:benjamin' }),
  ])
  for (const who of ['name of ben', 'ben']) {
    const found = await audit.query({ who, limit: 10 })
    expect(
      found.map(({ id, detail }) => [id, detail]),
      who,
    ).toEqual([
      [2, 'viewer, given by user:ben (name of ben)'],
      [1, 'user:ben (name of ben)'],
    ])
  }
})

test('whatever users and strangers do, what operators and commands did goes by age alone', async () => {
  const { audit } = await openTempStore()
  const by = (kind: 'operator' | 'cli' | 'user' | 'guest' | 'device' | 'service', atMs: number) =>
    entry(atMs, { actor: { kind, id: 'x' } })
  await audit.append([by('operator', 1), by('cli', 2), by('user', 3)])
  for (let n = 0; n < 4; n++) {
    await audit.append((['guest', 'user', 'device', 'service'] as const).map((kind, i) => by(kind, 10 * n + 10 + i)))
    while (await audit.prune({ beforeMs: 0, maxRows: 5 }, 3));
  }
  const left = async () => (await audit.query({ afterId: 0, limit: 100 })).map(({ atMs }) => atMs)
  expect(await left()).toEqual([1, 2, 33, 40, 41, 42, 43])
  expect(await audit.prune({ beforeMs: 42, maxRows: 5 }, 100)).toBe(false)
  expect(await left()).toEqual([42, 43])
  await audit.append([by('user', 50), by('user', 51), by('user', 52), by('user', 53)])
  await audit.prune({ beforeMs: 0, maxRows: 5 }, 100)
  expect(await left()).toEqual([43, 50, 51, 52, 53])
})

test('an entry is never changed', async () => {
  const file = tempFile()
  const { audit } = await openTempStore({ file })
  await audit.append([entry(1)])
  const other = new Database(file)
  expect(() => other.prepare("update audit set actor_id = 'ben'").run()).toThrow('never changed')
  other.close()
})

test('old entries go, and the oldest of too many, a few at a time', async () => {
  const { audit } = await openTempStore()
  const byUser = (atMs: number) => entry(atMs, { actor: { kind: 'user', id: 'ben' } })
  await audit.append(Array.from({ length: 1200 }, (_, i) => byUser(i)))
  expect(await audit.prune({ beforeMs: 1000, maxRows: 10_000 }, 600)).toBe(true)
  expect(await audit.prune({ beforeMs: 1000, maxRows: 10_000 }, 600)).toBe(false)
  expect((await audit.query({ afterId: 0, limit: 1 }))[0]?.atMs).toBe(1000)
  expect(await audit.prune({ beforeMs: 0, maxRows: 5 }, 600)).toBe(false)
  expect((await audit.query({ limit: 100 })).map(({ atMs }) => atMs)).toEqual([1199, 1198, 1197, 1196, 1195])
  await audit.append([entry(5000)])
  expect((await audit.query({ limit: 1 }))[0]?.id).toBe(1201)
})
