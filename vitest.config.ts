import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { SlowestFirst } from './test/support/slowest-first.ts'

interface More {
  readonly include?: string[]
  readonly isolate?: boolean
  readonly globalSetup?: string[]
  readonly maxWorkers?: number
  readonly env?: Readonly<Record<string, string>>
  readonly sequence?: { readonly groupOrder: number }
}

const project = (name: string, testTimeout: number, more: More = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 30_000,
    pool: 'threads' as const,
    isolate: false, // no module keeps state: loading them once a worker is most of the time of a run
    ...more,
    expect: { poll: { timeout: testTimeout / 4 } }, // long, for these machines are shared: it only says how late a failure is told
  },
})

export default defineConfig({
  test: {
    maxWorkers: Math.max(4, availableParallelism()), // tests wait more than they work: four keep two cores at work
    sequence: { sequencer: SlowestFirst },
    projects: [
      project('unit', 30_000),
      project('integration', 60_000),
      // The broker on a store of which every answer comes a turn later.
      project('asynchronous', 60_000, {
        include: ['test/integration/broker/*.test.ts', 'test/integration/broker/mqtt5/*.test.ts'],
        env: { LATCHKEY_TEST_STORE: 'asynchronous' },
      }),
      project('attacks', 60_000, { include: ['test/attacks/*.test.ts'] }),
      // The tests of a file share a browser, which is state of a module.
      project('e2e', 240_000, { isolate: true, globalSetup: ['test/support/browser/build-sites-setup.ts'] }),
      // These measure how long a healthy client waits, so they come after all others, one at a time.
      project('abusers', 60_000, {
        include: ['test/attacks/{abusers,stalls}/*.test.ts'],
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
})
