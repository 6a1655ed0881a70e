import { expect, test } from 'vitest'
import { createEnrollmentLimits } from '../../../../src/registry/enrollment/enrollment-limits.ts'
import { ofOne48, ofOne56 } from '../../../support/network/subnets.ts'

const few = { points: 1, durationSeconds: 60 }
const ample = { points: 1_000_000, durationSeconds: 60 }

test.each([
  ['address', { address: few, serial: ample }],
  ['serial', { address: ample, serial: few }],
])('who has a /56 fails four times enrollment.%s, and who has a /48 sixteen times', async (_limit, options) => {
  const failuresOf = async (addresses: readonly string[]) => {
    const limits = createEnrollmentLimits(options, () => 0)
    const verdicts = await Promise.all(addresses.map(address => limits.spend({ address, deviceId: 'lamp-1' })))
    return verdicts.filter(verdict => verdict === undefined).length
  }
  expect([await failuresOf(ofOne56), await failuresOf(ofOne48)]).toEqual([4, 16])
})
