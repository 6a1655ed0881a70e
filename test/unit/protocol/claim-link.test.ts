import fc from 'fast-check'
import { expect, test } from 'vitest'
import { claimLink, parseClaimLink } from '../../../src/protocol/claim-link.ts'

const deviceIds = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)
const claimCodes = fc.stringMatching(/^[A-Za-z0-9-]{1,32}$/)

test('what a QR code holds is taken apart into what it was made of', () => {
  fc.assert(
    fc.property(deviceIds, claimCodes, (deviceId, code) => {
      expect(parseClaimLink(claimLink(deviceId, code))).toEqual({ deviceId, code })
      expect(parseClaimLink(` ${claimLink(deviceId, code)}\n`)).toEqual({ deviceId, code })
    }),
  )
})

test('below a public URL it is a web address, which is taken apart alike', () => {
  for (const base of ['https://iot.example.com', 'http://[2001:db8::1]:8080', 'https://example.com/a/iot']) {
    const link = claimLink('lamp-1', 'AAAA-BBBB', base)
    expect(link).toBe(`${base}/claim?device=lamp-1&code=AAAA-BBBB`)
    expect(parseClaimLink(link)).toEqual({ deviceId: 'lamp-1', code: 'AAAA-BBBB' })
  }
})

test('any other text is refused, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(parseClaimLink(text)).toBeUndefined()
    }),
  )
  for (const text of [
    '',
    'https://example.com/?device=lamp-1&code=ABCD',
    'https:///claim?device=lamp-1&code=ABCD#',
    'https://example.com/?next=/claim?device=lamp-1&code=ABCD',
    'ftp://example.com/claim?device=lamp-1&code=ABCD',
    'latchkey:claim?device=&code=ABCD',
    'latchkey:claim?device=lamp-1&code=',
    'latchkey:claim?device=lamp/1&code=ABCD',
    `latchkey:claim?device=${'x'.repeat(65)}&code=ABCD`,
    'latchkey:claim?device=lamp-1&code=ABCD&more=1',
    'x latchkey:claim?device=lamp-1&code=ABCD',
  ])
    expect(parseClaimLink(text)).toBeUndefined()
})
