import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Site } from '../../http/sites/serve-site.ts'
import { packageRoot } from '../package-root.ts'

/** Where the sites were built, when not where this package has them. */
export type SiteFolders = Partial<Record<Site['name'], string>>

/**
 * The sites that are built and may be served here. The phone signs in as any WeChat user, which is for those who develop: production never
 * has it.
 */
export function servedSites({ environment }: Config, folders: SiteFolders = {}): readonly Site[] {
  const sites: readonly Site[] = [
    { name: 'console', folder: folders.console ?? join(packageRoot(), 'dist', 'console') },
    { name: 'phone', folder: folders.phone ?? join(packageRoot(), 'build', 'phone') },
  ]
  return sites.filter(
    ({ name, folder }) => !(name === 'phone' && environment === 'production') && existsSync(join(folder, 'index.html')),
  )
}
