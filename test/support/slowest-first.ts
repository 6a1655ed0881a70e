import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What waits longest, where nothing is known of an earlier run: begun last, each would have the machine wait for it alone. */
const slowest = [
  'http/deadlines.test.ts',
  'integration/fuzz.test.ts',
  'process/if-something-was-stolen.test.ts',
  'broker/slow-links.test.ts',
  'miniprogram/dead-links.test.ts',
  'broker/keep-alive.test.ts',
  'front/real-proxies.test.ts',
  'process/reloading.test.ts',
  'e2e/firmware-lamps.test.ts',
  'e2e/killed-under-load.test.ts',
  'e2e/soak.test.ts',
  'console/ten-thousand-sessions.test.ts',
  'phone/dead-link.test.ts',
]

const isSlow = ({ moduleId }: TestSpecification): boolean => slowest.some(name => moduleId.endsWith(name))

/** Begins with the slowest files of each project. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const projects = new Set(sorted.map(({ project }) => project.name))
    return [...projects].flatMap(name => {
      const own = sorted.filter(({ project }) => project.name === name)
      return [...own.filter(isSlow), ...own.filter(file => !isSlow(file))]
    })
  }
}
