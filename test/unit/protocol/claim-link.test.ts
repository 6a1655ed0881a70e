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

test('any other text is none, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(parseClaimLink(text)).toBeUndefined()
    }),
  )
  for (const text of [
    '',
    'https://example.com/?device=lamp-1&code=ABCD',
    'latchkey:claim?device=&code=ABCD',
    'latchkey:claim?device=lamp-1&code=',
    'latchkey:claim?device=lamp/1&code=ABCD',
    `latchkey:claim?device=${'x'.repeat(65)}&code=ABCD`,
    'latchkey:claim?device=lamp-1&code=ABCD&more=1',
    'x latchkey:claim?device=lamp-1&code=ABCD',
  ])
    expect(parseClaimLink(text)).toBeUndefined()
})
