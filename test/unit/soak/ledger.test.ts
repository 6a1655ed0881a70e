import { expect, test } from 'vitest'
import { createLedger, type Expectation } from '../../soak/ledger.ts'

const exactlyOnce = { mustArrive: true, mayRepeat: false }
const atLeastOnce = { mustArrive: true, mayRepeat: true }

/** A session `s` that follows the flow `f`, of which `sent` messages are acknowledged. */
function following(expects: Expectation, sent = 5) {
  const ledger = createLedger()
  ledger.subscribing('s', 'f', expects)
  ledger.granted('s', 'f')
  for (let n = 1; n <= sent; n++) ledger.acknowledged('f', ledger.begin('f'))
  const receive = (...numbers: number[]) => numbers.map(n => ledger.received('s', 'f', n))
  return { ledger, receive }
}

test('what arrives once and in order is well', () => {
  const { ledger, receive } = following(exactlyOnce)
  expect(receive(1, 2, 3, 4, 5)).toEqual([undefined, undefined, undefined, undefined, undefined])
  expect(ledger.missing()).toBe(0)
  expect(ledger.tallies).toEqual({
    sent: 5,
    received: 5,
    lost: 0,
    misordered: 0,
    duplicated: 0,
    repeated: 0,
    strays: 0,
  })
})

test('a loss is missing, in the middle and at the end', () => {
  const { ledger, receive } = following(atLeastOnce)
  receive(1, 3, 4)
  expect(ledger.missing()).toBe(2)
  expect(ledger.overtaken()).toBe(1)
})

test('a swap is out of order, and not lost', () => {
  const { ledger, receive } = following(atLeastOnce)
  expect(receive(1, 3, 2, 4, 5)[2]).toBe('misordered: s received number 2 of f')
  expect(ledger.tallies.misordered).toBe(1)
  expect(ledger.missing()).toBe(0)
})

test('a duplicate is wrong at QoS 2, and allowed at QoS 1', () => {
  const once = following(exactlyOnce)
  expect(once.receive(1, 2, 2)[2]).toBe('duplicated: s received number 2 of f')
  const repeating = following(atLeastOnce)
  expect(repeating.receive(1, 2, 1, 2, 3, 4, 5).filter(Boolean)).toEqual([])
  expect(repeating.ledger.tallies).toMatchObject({ duplicated: 0, repeated: 2, misordered: 0 })
})

test('what was never sent, or is for somebody else, has strayed', () => {
  const { ledger, receive } = following(atLeastOnce)
  expect(receive(6)).toEqual(['strays: s received number 6 of f'])
  expect(ledger.received('other', 'f', 1)).toBe('strays: other received number 1 of f')
})

test('what is not acknowledged is not owed', () => {
  const { ledger, receive } = following(atLeastOnce)
  ledger.begin('f')
  receive(1, 2, 3, 4, 5)
  expect(ledger.missing()).toBe(0)
})

test('acknowledgements may come out of order', () => {
  const { ledger, receive } = following(atLeastOnce, 0)
  for (let n = 1; n <= 3; n++) ledger.begin('f')
  ledger.acknowledged('f', 3)
  receive(3)
  expect(ledger.missing()).toBe(0)
  ledger.acknowledged('f', 1)
  ledger.acknowledged('f', 2)
  expect(ledger.missing()).toBe(2)
})

test('what was sent before a subscription was granted may come, and is not owed', () => {
  const ledger = createLedger()
  ledger.subscribing('s', 'f', atLeastOnce)
  for (let n = 1; n <= 3; n++) ledger.acknowledged('f', ledger.begin('f'))
  ledger.granted('s', 'f')
  expect(ledger.received('s', 'f', 3)).toBeUndefined()
  expect(ledger.missing()).toBe(0)
  ledger.acknowledged('f', ledger.begin('f'))
  expect(ledger.missing()).toBe(1)
})

test('what is sent after a subscription has ended strays, and is not owed', () => {
  const { ledger, receive } = following(atLeastOnce, 2)
  receive(1)
  ledger.releasing('s', 'f')
  expect(ledger.missingOf('s')).toBe(1)
  receive(2)
  ledger.released('s', 'f')
  ledger.acknowledged('f', ledger.begin('f'))
  expect(ledger.missing()).toBe(0)
  expect(receive(3)).toEqual(['strays: s received number 3 of f'])
})

test('a message that is missing when a subscription is renewed stays lost', () => {
  const { ledger, receive } = following(atLeastOnce)
  receive(1, 2, 3)
  ledger.subscribing('s', 'f', atLeastOnce)
  expect(ledger.missing()).toBe(0)
  expect(ledger.tallies.lost).toBe(2)
})

test('nothing is owed to a session that is not kept', () => {
  const { ledger, receive } = following({ mustArrive: false, mayRepeat: false })
  receive(1, 4)
  expect(ledger.missing()).toBe(0)
  expect(receive(4)).toEqual(['duplicated: s received number 4 of f'])
})
