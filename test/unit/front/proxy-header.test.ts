import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readProxyHeader } from '../../../src/front/proxy-header.ts'

const v2Begin = '0d0a0d0a000d0a515549540a'
const v2 = (command: string, family: string, rest: string) =>
  Buffer.from(`${v2Begin}${command}${family}${(rest.length / 2).toString(16).padStart(4, '0')}${rest}`, 'hex')
const ports = 'c000075b'
const connect = Buffer.from('100c00044d5154540402003c0000', 'hex')

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 192.0.2.1 10.0.0.1 56324 1883\r\n', '192.0.2.1'],
    ['PROXY TCP6 2001:db8::5 2001:db8::1 56324 8883\r\n', '2001:db8:0:0:0:0:0:5'],
    [
      'PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe 65535 65535\r\n',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN 2001:db8::5 2001:db8::1 1 2\r\n', undefined],
  ])('%j', (header, source) => {
    const found = { length: header.length, ...(source && { source }) }
    expect(readProxyHeader(Buffer.concat([Buffer.from(header), connect]))).toEqual(found)
  })

  test.each([
    'PROXY TCP4 192.0.2.1 10.0.0.1 56324\r\n',
    'PROXY TCP4 2001:db8::5 2001:db8::1 1 2\r\n',
    'PROXY TCP4 192.0.2.1, 10.0.0.1 1 2\r\n',
    'PROXY TCP4 someone else 1 2\r\n',
    'PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n',
    'PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n',
    'PROXY \r\n',
    `PROXY ${'x'.repeat(200)}`,
  ])('%j is told what is wrong with it', header => {
    expect(readProxyHeader(Buffer.from(header))).toEqual({ problem: expect.stringMatching(/^version 1 /) })
  })
})

describe('version 2', () => {
  test.each([
    ['TCP over IPv4', v2('21', '11', `c0000201${'0a000001'}${ports}`), '192.0.2.1'],
    [
      'TCP over IPv6',
      v2('21', '21', `20010db8000000000000000000000005${'0'.repeat(32)}${ports}`),
      '2001:db8:0:0:0:0:0:5',
    ],
    ['IPv4 in IPv6', v2('21', '21', `00000000000000000000ffffc0000201${'0'.repeat(32)}${ports}`), '192.0.2.1'],
    ['more behind the addresses', v2('21', '11', `c00002010a000001${ports}${'20000400000000'}`), '192.0.2.1'],
    ['a check of its own', v2('20', '00', ''), undefined],
    ['a check of its own, with addresses', v2('20', '11', `c00002010a000001${ports}`), undefined],
    ['a family that is not known', v2('21', '31', '00'.repeat(216)), undefined],
  ])('%s', (_, header, source) => {
    expect(readProxyHeader(Buffer.concat([header, connect]))).toEqual({
      length: header.length,
      ...(source && { source }),
    })
  })

  test.each([
    ['another command', v2('22', '11', `c00002010a000001${ports}`)],
    ['another version', v2('11', '11', `c00002010a000001${ports}`)],
    ['too few bytes', v2('21', '11', 'c0000201')],
    ['far too many', Buffer.from(`${v2Begin}2111ffff`, 'hex')],
  ])('%s is told what is wrong with it', (_, header) => {
    expect(readProxyHeader(header)).toEqual({ problem: expect.stringMatching(/^version 2 /) })
  })
})

test.each([
  ['MQTT', connect],
  ['TLS', Buffer.from('16030102000100', 'hex')],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['HTTP with a P', Buffer.from('POST / HTTP/1.1\r\n')],
])('%s is no header', (_, first) => {
  expect(readProxyHeader(first)).toEqual({ length: 0 })
})

test('a header that comes in pieces is one, and nothing is known before its end', () => {
  for (const header of [
    Buffer.from('PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n'),
    v2('21', '11', `c00002010a000001${ports}`),
  ])
    for (let length = 1; length < header.length; length++)
      expect(readProxyHeader(header.subarray(0, length)), String(length)).toBe('more')
})

test('whatever comes, it is decided within what a header may take', () => {
  const begins = fc.constantFrom(Buffer.alloc(0), Buffer.from('PROXY '), Buffer.from(v2Begin, 'hex'))
  fc.assert(
    fc.property(begins, fc.uint8Array({ minLength: 4200, maxLength: 4300 }), (begin, bytes) => {
      expect(readProxyHeader(Buffer.concat([begin, bytes]))).not.toBe('more')
    }),
  )
})
