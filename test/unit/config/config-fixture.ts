import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { ConfigError, type ConfigProblem, loadConfig } from '../../../src/config/config.ts'

export const configDir = 'config'

/** What is wrong with the configuration of this environment; nothing when it is good. */
export function problemsOf(env: Record<string, string>): readonly ConfigProblem[] {
  try {
    loadConfig({ env, configDir })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

/** A folder for a file of tests, and how to write into it. */
export function createFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return {
    folder,
    write(name: string, content: string): string {
      const file = join(folder, name)
      writeFileSync(file, content)
      return file
    },
  }
}
