import { logCatalogue } from '../../src/log/catalogue.ts'
import { logFields } from '../../src/log/log-fields.ts'
import { logModules } from '../../src/protocol/log-topic.ts'
import { code, codes, markdownTable } from './markdown-table.ts'

/** docs/events.md. */
export const eventsPage = (): string => `# Log lines

One JSON object a line on stdout; for people, in a terminal. Every line has \`time\` (ISO 8601), \`level\`, \`msg\` (a sentence) and \`event\`: what happened,
by a name that never changes between releases. Only the fields below are ever written, so nothing secret is; control characters are escaped. What a
line may lack is left out: a guest has no \`username\`.

Operators follow the same lines over MQTT, on \`ops/log/{level}/{module}\`: see [operators.md](operators.md).

${logModules
  .map(module => {
    const rows = Object.entries(logCatalogue)
      .filter(([, event]) => event.module === module)
      .map(([name, { level, text, fields }]) => [code(name), level, text, codes(fields)])
    return `## ${module}\n\n${markdownTable(['event', 'level', 'sentence', 'fields'], rows)}`
  })
  .join('\n\n')}

## Fields

${markdownTable(
  ['field', 'meaning'],
  Object.entries(logFields).map(([name, meaning]) => [code(name), meaning]),
)}
`
