import { Aedes } from 'aedes'
import { expect, test } from 'vitest'
import { checkQuirks } from '../../../src/broker/engine/quirks.ts'

const aedes = await Aedes.createBroker()

test('the Aedes of this package is the one whose quirks are known', () => {
  expect(() => checkQuirks(aedes)).not.toThrow()
})

test('another version ends the start with a sentence that says where to look', () => {
  const other = Object.create(aedes, { version: { value: '1.3.0' } })
  expect(() => checkQuirks(other)).toThrow(
    'Aedes is 1.3.0, and its quirks were seen in 1.2.0: look at each in src/broker/engine/quirks.ts',
  )
})

test('an Aedes that registers its clients otherwise ends the start too', () => {
  const other = Object.create(aedes, { registerClient: { value: undefined } })
  expect(() => checkQuirks(other)).toThrow('this Aedes has no registerClient')
})
