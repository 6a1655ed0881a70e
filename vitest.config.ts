import { defineConfig } from 'vitest/config'

const project = (name: string, testTimeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 30_000,
    pool: 'threads' as const,
    expect: { poll: { timeout: 5000 } },
  },
})

export default defineConfig({
  test: {
    projects: [project('unit', 10_000), project('integration', 20_000), project('e2e', 120_000)],
  },
})
