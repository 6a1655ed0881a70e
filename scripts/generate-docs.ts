import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationPage } from './docs/configuration-page.ts'
import { eventsPage } from './docs/events-page.ts'
import { metricsPage } from './docs/metrics-page.ts'
import { protocolPage } from './docs/protocol-page.ts'

// Writes the pages that are made from the code; with --check only says whether they are up to date.
const root = join(import.meta.dirname, '..')
const json = (name: string): unknown => JSON.parse(readFileSync(join(root, 'config', name), 'utf8'))
const pages = {
  'docs/protocol.md': protocolPage(),
  'docs/events.md': eventsPage(),
  'docs/metrics.md': metricsPage(),
  'docs/configuration.md': configurationPage({
    defaults: json('default.json'),
    production: json('production.json'),
    variables: json('custom-environment-variables.json'),
  }),
}
const notice = '<!-- Made by `npm run docs` from the code: edit that. -->\n\n'

const current = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const stale = Object.entries(pages).filter(([name, page]) => current(join(root, name)) !== notice + page)
if (process.argv.includes('--check')) {
  for (const [name] of stale) console.error(`${name} is out of date: run npm run docs`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [name, page] of stale) writeFileSync(join(root, name), notice + page)
}
