import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { NewAuditEntry } from '../../../../src/domain/audit.ts'
import { createEvents } from '../../../../src/domain/events.ts'
import { createAuditWriter } from '../../../../src/ops/audit/audit-writer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const entry = (detail: string): NewAuditEntry => ({
  atMs: 0,
  kind: 'kick',
  actor: { kind: 'cli', id: 'root' },
  clientId: '',
  address: '',
  detail,
})

/** A writer on a store that writes, unless the test says otherwise. */
function setUp() {
  const events = createEvents()
  const faults: string[] = []
  events.on('fault', ({ cause }) => faults.push(String(cause)))
  const batches: string[][] = []
  const store = {
    append: vi.fn(async (entries: readonly NewAuditEntry[]) => {
      batches.push(entries.map(({ detail }) => detail ?? ''))
    }),
  }
  return { writer: createAuditWriter({ store, events }), store, batches, faults }
}

test('what happens within a moment is written together, later', async () => {
  const { writer, batches } = setUp()
  writer.add(entry('a'))
  writer.add(async () => entry('b'))
  expect(batches).toEqual([])
  await vi.advanceTimersByTimeAsync(50)
  expect(batches).toEqual([['a', 'b']])
})

test('what cannot be written is a fault, and is written a second later, in order', async () => {
  const { writer, store, batches, faults } = setUp()
  store.append.mockRejectedValueOnce(new Error('disk full'))
  writer.add(entry('a'))
  await vi.advanceTimersByTimeAsync(50)
  writer.add(entry('b'))
  expect({ batches, faults }).toEqual({ batches: [], faults: ['Error: disk full'] })
  await vi.advanceTimersByTimeAsync(1000)
  expect(batches).toEqual([['a', 'b']])
})

test('while it cannot be written that is said once, and again only after something was written', async () => {
  const { writer, store, batches, faults } = setUp()
  for (let attempt = 0; attempt < 3; attempt++) store.append.mockRejectedValueOnce(new Error('locked'))
  writer.add(entry('a'))
  await vi.advanceTimersByTimeAsync(3050)
  expect({ batches, faults }).toEqual({ batches: [['a']], faults: ['Error: locked'] })
  store.append.mockRejectedValueOnce(new Error('disk full'))
  writer.add(entry('b'))
  await vi.advanceTimersByTimeAsync(50)
  expect(faults).toEqual(['Error: locked', 'Error: disk full'])
})

test('closing writes what is left, also what comes while something is being written', async () => {
  const { writer, store, batches } = setUp()
  let written = () => {}
  store.append.mockImplementationOnce(async entries => {
    await new Promise<void>(resolve => {
      written = resolve
    })
    batches.push(entries.map(({ detail }) => detail ?? ''))
  })
  writer.add(entry('a'))
  await vi.advanceTimersByTimeAsync(50)
  writer.add(entry('b'))
  const closing = writer.close()
  written()
  await closing
  expect(batches).toEqual([['a'], ['b']])
})

test('reading the audit trail shows what happened a moment ago', async () => {
  const { writer, batches } = setUp()
  writer.add(entry('a'))
  await writer.written()
  expect(batches).toEqual([['a']])
})

test('what waits for a database that cannot be written is bounded, and what is lost is said', async () => {
  const { writer, store, batches, faults } = setUp()
  store.append.mockRejectedValueOnce(new Error('locked'))
  for (let i = 0; i < 20_003; i++) writer.add(entry(`${i}`))
  await vi.advanceTimersByTimeAsync(50)
  await vi.advanceTimersByTimeAsync(1000)
  expect(batches.flat().length).toBe(20_000)
  expect(faults).toEqual(['Error: locked', 'Error: 3 entries are lost'])
})

test('what others do leaves room for what operators do, while nothing can be written', async () => {
  const { writer, store, batches } = setUp()
  store.append.mockRejectedValueOnce(new Error('locked'))
  for (let i = 0; i < 20_001; i++) writer.add({ ...entry('asked'), actor: { kind: 'user', id: 'mallory' } })
  writer.add({ ...entry('disabled'), actor: { kind: 'operator', id: 'root' } })
  await vi.advanceTimersByTimeAsync(50)
  await vi.advanceTimersByTimeAsync(1000)
  expect(batches.flat().length).toBe(20_001)
  expect(batches.flat()).toContain('disabled')
})
