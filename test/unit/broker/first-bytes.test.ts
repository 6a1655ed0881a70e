import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PacketChecker } from '../../../src/broker/transport/packets/packet-checker.ts'

/** Why a connection that begins with `chunks` is closed; 'open' while it is not. */
function reasonOf(chunks: readonly Buffer[]): string {
  const checker = new PacketChecker()
  for (const chunk of chunks) {
    const begun = checker.begin(chunk)
    if (!Buffer.isBuffer(begun)) return begun.reason
    if (begun.length > 0) return 'CONNECT'
  }
  return 'open'
}

const strangers: [reason: string, bytes: Buffer][] = [
  ['not-mqtt: HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['not-mqtt: HTTP', Buffer.from('POST /mqtt HTTP/1.1\r\n')],
  ['not-mqtt: HTTP', Buffer.from('CONNECT host:1883 HTTP/1.1\r\n')],
  ['not-mqtt: HTTP', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM')],
  ['not-mqtt: PROXY protocol v1', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n')],
  ['not-mqtt: PROXY protocol v2', Buffer.from('0d0a0d0a000d0a515549540a21110c00', 'hex')],
  ['not-mqtt: TLS', Buffer.from('160301020001', 'hex')],
  ['not-mqtt: SSH', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')],
  ['not-mqtt: bytes that begin with 0x05', Buffer.from('050100', 'hex')],
  ['not-mqtt: bytes that begin with 0x47', Buffer.from('GOPHER\r\n')],
  ['not-mqtt: bytes that begin with 0xff', Buffer.of(0xff)],
  ['protocol-violation: CONNECT reserved flags', Buffer.from('1600', 'hex')],
  ['protocol-violation: PUBREC before CONNECT', Buffer.from('50020001', 'hex')],
]

test.each(strangers)('%s', (reason, bytes) => {
  expect(reasonOf([bytes])).toBe(reason)
  expect(reasonOf([...bytes].map(byte => Buffer.of(byte)))).toBe(reason)
})

test('what could still be one of several is waited for', () => {
  for (const begins of ['P', 'PROX', 'GET', '\r\n\r\n']) expect(reasonOf([Buffer.from(begins)])).toBe('open')
})

test('any bytes are told alike however they are cut, and as ours alone', () => {
  const known = fc.constantFrom(...strangers.map(([, bytes]) => bytes))
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map(Buffer.from),
    fc.tuple(known, fc.nat(12)).map(([one, length]) => one.subarray(0, length + 1)),
  )
  fc.assert(
    fc.property(bytes, fc.nat(40), (all, at) => {
      const whole = reasonOf([all])
      expect(reasonOf([all.subarray(0, at), all.subarray(at)])).toBe(whole)
      expect(whole).toMatch(/^(open|CONNECT|not-mqtt: [A-Za-z0-9 ]{3,32}|protocol-violation: [A-Z]+ [A-Za-z ]+)$/)
    }),
    { numRuns: 1000 },
  )
})
