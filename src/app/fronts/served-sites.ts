import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Site } from '../../http/sites/serve-site.ts'
import { packageRoot } from '../package-root.ts'

/** Folders of the built sites, if not those of this package. */
export type SiteFolders = Partial<Record<Site['name'], string>>

/**
 * The sites that are built and may be served. The phone can sign in as any WeChat user, so it is for development and never served in
 * production.
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
