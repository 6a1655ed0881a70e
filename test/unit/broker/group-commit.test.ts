import { expect, test } from 'vitest'
import { createGroupCommit } from '../../../src/broker/commit/group-commit.ts'
import type { Outcome, Write } from '../../../src/domain/mqtt-state/write.ts'

const write = (messageId: number): Write => ({ kind: 'begun', clientId: 'c', messageId })
const idOf = (one: Write): number => ('messageId' in one ? one.messageId : Number.NaN)

/** Commits of which the test decides when and how they end. */
function setUp() {
  const batches: { ids: number[]; keep: () => void; undo: (cause: Error) => void }[] = []
  const faults: string[] = []
  const commits = createGroupCommit(
    {
      commit: batch =>
        new Promise<readonly Outcome[]>((resolve, reject) => {
          const ids = batch.map(idOf)
          batches.push({ ids, keep: () => resolve(ids.map(id => ({ given: [{ numbers: [id] }] }))), undo: reject })
        }),
    },
    { onFault: cause => faults.push(String(cause)) },
  )
  const acts: string[] = []
  const note = (what: string) => () => void acts.push(what)
  const begun = (count: number) => expect.poll(() => batches.length).toBe(count)
  return { commits, batches, faults, acts, note, begun }
}

test('what one turn writes is one batch, and each write hears its own outcome', async () => {
  const { commits, batches, acts, begun } = setUp()
  const told = ({ given }: Outcome) => void acts.push(`${given[0]?.numbers}`)
  commits.write(write(1), told)
  await Promise.resolve()
  commits.write(write(2))
  commits.write(write(3), told)
  await begun(1)
  expect([batches[0]?.ids, acts]).toEqual([[1, 2, 3], []])
  batches[0]?.keep()
  await commits.settled()
  expect(acts).toEqual(['1', '3'])
})

test('one batch is on its way at a time, and what comes meanwhile is the next', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  commits.write(write(1), note('1'))
  await begun(1)
  commits.write(write(2), note('2'))
  await new Promise(setImmediate)
  commits.write(write(3), note('3'))
  await new Promise(setImmediate)
  expect(batches).toHaveLength(1)
  batches[0]?.keep()
  await begun(2)
  expect([batches[1]?.ids, acts]).toEqual([[2, 3], ['1']])
  batches[1]?.keep()
  await commits.settled()
  expect(acts).toEqual(['1', '2', '3'])
})

test('a caller that writes nothing is told in order: after everything that is written, at once when nothing is under way', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  commits.afterCommit(note('nothing before'))
  expect(acts).toEqual(['nothing before'])
  commits.write(write(1), note('1'))
  commits.afterCommit(note('behind 1'))
  await begun(1)
  commits.afterCommit(note('behind the batch on its way'))
  commits.write(write(2), note('2'))
  commits.afterCommit(note('behind 2'))
  batches[0]?.keep()
  await begun(2)
  expect(acts.slice(1)).toEqual(['1', 'behind 1', 'behind the batch on its way'])
  batches[1]?.keep()
  await commits.settled()
  expect(acts.slice(4)).toEqual(['2', 'behind 2'])
})

test('what a callback after a commit adds runs after the other callbacks of that batch', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  commits.write(write(1), () => {
    acts.push('first')
    commits.afterCommit(note('first of the first'))
  })
  commits.afterCommit(note('second'))
  await begun(1)
  batches[0]?.keep()
  await commits.settled()
  expect(acts).toEqual(['first', 'second', 'first of the first'])
})

test('when a batch is undone all its writers are told why, and the next is committed', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  commits.write(write(1), note('kept'), cause => acts.push(String(cause)))
  const rejected = expect(commits.kept(write(2))).rejects.toThrow('disk full')
  commits.afterCommit(note('kept'), note('undone'))
  await begun(1)
  batches[0]?.undo(new Error('disk full'))
  await rejected
  expect(acts).toEqual(['Error: disk full', 'undone'])
  const next = commits.kept(write(3))
  await begun(2)
  batches[1]?.keep()
  expect((await next).given).toEqual([{ numbers: [3] }])
})

test('an act that throws keeps no other from being done, nor anybody from hearing that it is kept', async () => {
  const { commits, batches, faults, acts, note, begun } = setUp()
  commits.write(write(1), note('before'))
  commits.afterCommit(() => {
    throw new Error('this act failed')
  })
  commits.write(write(2), note('behind'))
  await begun(1)
  batches[0]?.keep()
  await commits.settled()
  expect([acts, faults]).toEqual([['before', 'behind'], ['Error: this act failed']])
})

test('publishers wait while more is gathered than should be, and no longer', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  commits.write(write(0))
  await begun(1)
  for (let n = 1; n <= 5000; n++) commits.write(write(n))
  expect(commits.isBehind).toBe(true)
  commits.whenCaughtUp(note('caught up'))
  batches[0]?.keep()
  await begun(2)
  expect([commits.isBehind, acts]).toEqual([false, []])
  batches[1]?.keep()
  await expect.poll(() => acts).toEqual(['caught up'])
})

test('a batch that is large ends at a seam, nowhere else, and those that follow are committed one after the other', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  for (let n = 0; n < 600; n++) commits.write(write(n))
  commits.write(write(600), note('first'))
  commits.seam()
  for (let n = 601; n < 1200; n++) commits.write(write(n))
  commits.afterCommit(note('behind the second'))
  commits.seam()
  commits.seam()
  commits.write(write(1200), note('third'))
  commits.seam()
  commits.write(write(1201), note('third too'))
  for (const [at, ids] of [
    [0, { from: 0, to: 600 }],
    [1, { from: 601, to: 1199 }],
    [2, { from: 1200, to: 1201 }],
  ] as const) {
    await begun(at + 1)
    expect([batches[at]?.ids.at(0), batches[at]?.ids.at(-1)]).toEqual([ids.from, ids.to])
    batches[at]?.keep()
  }
  await commits.settled()
  expect(acts).toEqual(['first', 'behind the second', 'third', 'third too'])
})

const message = { topic: 't', payload: 'x', qos: 1, retain: false } as const
const recipients = Array.from({ length: 512 }, (_, n) => ({ clientId: `c${n}`, qos: 1, isSent: false }) as const)
const filters = recipients.map(({ clientId }) => clientId)

test.each<[string, Write]>([
  ['a message for many readers', { kind: 'message', queued: [{ message, recipients, waiting: [] }] }],
  ['a large message', { kind: 'message', retained: { message: { ...message, payload: Buffer.alloc(512 * 4096) } } }],
  ['what is given to many readers', { kind: 'give', fanOut: 1, recipients, skipped: 0, given: 512, isLast: true }],
  [
    'a SUBSCRIBE of many filters',
    { kind: 'subscribed', clientId: 'c', subscriptions: filters.map(topic => ({ topic, qos: 1 })) },
  ],
  ['an UNSUBSCRIBE of many filters', { kind: 'unsubscribed', clientId: 'c', filters }],
])('%s is as much work as there are', async (_what, large) => {
  const { commits, batches, begun } = setUp()
  commits.write(large)
  commits.seam()
  commits.write(write(1))
  await begun(1)
  expect(batches[0]?.ids).toEqual([Number.NaN])
  batches[0]?.keep()
  await begun(2)
  expect(batches[1]?.ids).toEqual([1])
})

test('after an undone batch nothing more of its writers is kept, in whichever batch it waits', async () => {
  const { commits, batches, acts, note, begun } = setUp()
  const [ann, bob] = [{}, {}]
  commits.write(write(0), undefined, note('0 undone'), ann)
  await begun(1)
  for (let n = 1; n <= 512; n++) commits.write(write(n), undefined, undefined, bob)
  commits.write(write(601), note('601'), note('601 undone'), ann)
  commits.seam()
  commits.write(write(602), note('602'), note('602 undone'), ann)
  commits.write(write(603), note('603'), undefined, bob)
  batches[0]?.undo(new Error('full'))
  await begun(2)
  expect([batches[1]?.ids.length, batches[1]?.ids.includes(601), acts]).toEqual([
    512,
    false,
    ['0 undone', '601 undone', '602 undone'],
  ])
  batches[1]?.keep()
  await begun(3)
  expect(batches[2]?.ids).toEqual([603])
  batches[2]?.keep()
  await commits.settled()
  expect(acts.slice(3)).toEqual(['603'])
  expect(commits.isBehind).toBe(false)
})
