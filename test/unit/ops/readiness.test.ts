import { tmpdir } from 'node:os'
import { afterEach, expect, test, vi } from 'vitest'
import { lookAtReadiness } from '../../../src/ops/readiness.ts'

const well = {
  databases: { 'a.db': () => {} },
  broker: async () => {},
  proxies: () => undefined,
  disk: { folder: tmpdir(), minFreeBytes: 0 },
}
const locked = () => {
  throw new Error('database is locked')
}

afterEach(() => {
  vi.useRealTimers()
})

test('all is well when every look finds it so', async () => {
  expect(await lookAtReadiness(well)).toEqual({ checks: { 'a.db': 'ok', broker: 'ok', disk: 'ok', proxies: 'ok' } })
})

test('the first thing that is wrong is the problem, and all that is wrong is told', async () => {
  const broker = () => Promise.reject(new Error('the broker is closed'))
  const found = await lookAtReadiness({ ...well, databases: { 'a.db': () => {}, 'b.db': locked }, broker })
  expect(found).toEqual({
    problem: 'b.db cannot be written: database is locked',
    checks: {
      'a.db': 'ok',
      'b.db': 'cannot be written: database is locked',
      broker: 'does not deliver messages: the broker is closed',
      disk: 'ok',
      proxies: 'ok',
    },
  })
})

test('a proxy that is not trusted is told of, and nothing is less ready for it', async () => {
  expect(await lookAtReadiness({ ...well, proxies: () => '10.0.0.9' })).toEqual({
    checks: expect.objectContaining({
      proxies: 'X-Forwarded-For comes from 10.0.0.9, which is not in trustedProxies',
    }),
  })
})

test('a broker that never answers is not waited for', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const found = lookAtReadiness({ ...well, broker: () => new Promise(() => {}) })
  vi.advanceTimersByTime(2000)
  expect((await found).problem).toBe('broker does not deliver messages: no answer in time')
})

test('a data folder that is gone is a problem of the disk', async () => {
  const found = await lookAtReadiness({ ...well, disk: { folder: '/no/such/folder', minFreeBytes: 0 } })
  expect(found.problem).toBe('disk is short: /no/such/folder cannot be used: there is no such file or folder')
})
