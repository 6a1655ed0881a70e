import { expect, test } from 'vitest'
import { mayMonitor } from '../../../src/http/monitoring/may-monitor.ts'

const rule = { monitoring: 'loopback', isOperator: async (token: string) => token === 'good' } as const

test.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('%s is this machine', async address => {
  expect(await mayMonitor({ address, headers: {} }, rule)).toBe(true)
})

test.each([
  '192.0.2.1',
  '10.0.0.1',
  '::ffff:192.0.2.1',
  '2001:db8::1',
  '::',
  '0.0.0.0',
  '1127.0.0.1',
  '127.0.0.1.example',
  '',
])('%s is not', async address => {
  expect(await mayMonitor({ address, headers: {} }, rule)).toBe(false)
})

test.each([
  { forwarded: 'for=192.0.2.1' },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-proto': 'https' },
  { 'x-real-ip': '127.0.0.1' },
  { via: '1.1 proxy' },
])('what a proxy on this machine passes on comes from elsewhere: %o', async headers => {
  expect(await mayMonitor({ address: '127.0.0.1', headers }, rule)).toBe(false)
})

test('from elsewhere only a token of an operator opens it', async () => {
  const ask = (authorization: string) => mayMonitor({ address: '192.0.2.1', headers: { authorization } }, rule)
  expect(await ask('Bearer good')).toBe(true)
  expect(await ask('bearer  good')).toBe(true)
  for (const other of ['Bearer bad', 'Basic good', 'good', 'Bearer', 'Bearer good bad'])
    expect(await ask(other), other).toBe(false)
})

test('where it is public anybody may', async () => {
  expect(await mayMonitor({ address: '192.0.2.1', headers: {} }, { ...rule, monitoring: 'public' })).toBe(true)
})
