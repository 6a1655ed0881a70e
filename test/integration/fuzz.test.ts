import { expect, test } from 'vitest'
import { fuzz } from '../fuzz/fuzz.ts'
import { roomForFuzzing } from '../fuzz/start-world.ts'

// A failure names the batch: LATCHKEY_FUZZ_SEED and LATCHKEY_FUZZ_BATCH repeat it. `npm run test:fuzz` does a million.
const { LATCHKEY_FUZZ_SEED: seed = '1', LATCHKEY_FUZZ_BATCH: batch = '0' } = process.env
const from = { seed: Number(seed), batch: Number(batch) }
const mayGrowMb = 48

test('50,000 packets and bodies, right and wrong, harm nobody and leave nothing behind', {
  timeout: 600_000,
}, async () => {
  const report = await fuzz({ ...from, inputs: 50_000, configure: roomForFuzzing })
  expect(report.heapGrowthMb).toBeLessThan(mayGrowMb)
})

test('3,000 of them harm nobody with the limits as they come either', { timeout: 60_000 }, async () => {
  const report = await fuzz({ ...from, inputs: 3000, configure: config => config })
  expect(report.heapGrowthMb).toBeLessThan(mayGrowMb)
})
