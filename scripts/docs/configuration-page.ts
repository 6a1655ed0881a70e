import { configSchema } from '../../src/config/config-schema.ts'
import { fieldsOf } from './describe-schema.ts'
import { code, markdownTable } from './markdown-table.ts'

/** The folder's files, as parsed. */
export interface ConfigFiles {
  readonly defaults: unknown
  readonly production: unknown
  readonly variables: unknown
}

/** docs/configuration.md. */
export function configurationPage({ defaults, production, variables }: ConfigFiles): string {
  const [defaultOf, inProduction, variableOf] = [defaults, production, variables].map(leavesOf)
  const rows = fieldsOf(configSchema).map(({ key, limits, description }) => [
    code(key),
    code(text(variableOf?.get(key))),
    code(text(defaultOf?.get(key))) +
      (inProduction?.has(key) ? `, in production ${code(text(inProduction.get(key)))}` : ''),
    limits.replace(/string.*/, 'text'),
    description,
  ])
  return `# Configuration

Every setting has a default, so a fresh clone runs without any of this. Settings come from these places; a later one wins:

1. \`config/default.json\`, then \`config/production.json\` when \`NODE_ENV\` is \`production\` (likewise \`development\`, \`test\`);
2. \`local.json\` and \`local-production.json\`, which are yours;
3. environment variables.

\`NODE_CONFIG_DIR\` names a folder of your own with files of the same names. Each is merged over the one in \`config/\`, so it contains only
what you change. Files are JSON or JSON5; paths are relative to the working folder. \`NODE_ENV\` is \`development\` (the default),
\`production\` or \`test\`.

The whole configuration is checked before a port is opened. A wrong value, a missing value or an unknown setting ends the start. All
problems are reported at once, each with its key and the file or variable it came from. Environment variables that begin with
\`LATCHKEY_\`, or are spelled almost like one below, but are no setting, cause a warning with the nearest name: from the broker in its
log (\`unknown-variable\`), from commands on stderr. This shows what is in force:

    npx latchkey checkconfig

${markdownTable(['setting', 'environment', 'default', 'allowed', 'meaning'], rows)}

In production \`WECHAT_APPID\` and \`WECHAT_SECRET\` must be set. Elsewhere, without them, a stand-in for WeChat's service runs on loopback:
the code \`sandbox:NAME:NONCE\` signs in the WeChat user NAME, once.
`
}

const text = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)

function leavesOf(value: unknown): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  const walk = (at: unknown, key: string) => {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || Object.keys(at).length === 0) leaves.set(key, at)
    else for (const [name, inner] of Object.entries(at)) walk(inner, key ? `${key}.${name}` : name)
  }
  walk(value, '')
  return leaves
}
