import { type Command, InvalidArgumentError, Option } from 'commander'
import * as z from 'zod'
import { auditRow } from '../../domain/audit.ts'
import { type AuditRow, auditKinds } from '../../protocol/operations/audit.ts'
import type { Backend } from '../backend.ts'
import type { CommandContext } from '../command-context.ts'
import { parseMoment } from '../input/parse-moment.ts'
import { shownValue } from '../output/shown-value.ts'

const optionsSchema = z.object({
  since: z.number().optional(),
  until: z.number().optional(),
  who: z.string().optional(),
  kind: z.enum(auditKinds).optional(),
  json: z.boolean().default(false),
})
type Options = z.output<typeof optionsSchema>

const rowsPerRead = 1000

/** `latchkey audit`: who did what to whom, oldest first, one line each. */
export function registerAudit(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('who did what to whom, oldest first')
    .option('--since <time>', 'only entries since then: 24h, 7d, 2026-01-31 or 2026-01-31T12:00Z', moment)
    .option('--until <time>', 'only entries before then', moment)
    .option('--who <name>', 'a user name, or the id of an account, device, service, token or client')
    .addOption(new Option('--kind <kind>', 'only entries of this kind').choices(auditKinds))
    .option('--json', 'one JSON object a line')
    .action(async (given: unknown) => {
      const options = optionsSchema.parse(given)
      await context.withBackend(backend => printAll(backend, options, context))
    })
}

/** Reads a page at a time, so that a year of entries takes no more memory than a day's. */
async function printAll({ audit }: Backend, options: Options, { stdout }: CommandContext): Promise<void> {
  const { since, until, who, kind, json } = options
  let afterId = 0
  while (true) {
    const entries = await audit.query({ sinceMs: since, untilMs: until, who, kind, afterId, limit: rowsPerRead })
    for (const entry of entries) {
      const row = auditRow(entry)
      stdout.write(json ? `${JSON.stringify(row)}\n` : `${lineOf(row)}\n`)
    }
    const last = entries.at(-1)
    if (!last || entries.length < rowsPerRead) return
    afterId = last.id
  }
}

/** Names are printable and ids are identifiers (src/protocol/identifiers.ts), except client ids of services, so nothing here can control a terminal. */
function lineOf({ at, kind, by, byName, clientId, address, target, targetName, detail }: AuditRow): string {
  const named = (id: string | undefined, name: string | undefined) =>
    name === undefined ? id && shownValue(id) : `${id} (${name})`
  const parts = [
    new Date(at).toISOString(),
    kind.padEnd(19),
    named(by, byName),
    target && `→ ${named(target, targetName)}`,
    detail && `[${detail}]`,
    address && `from ${address}`,
    clientId && `as ${shownValue(clientId)}`,
  ]
  return parts.filter(Boolean).join('  ')
}

function moment(text: string): number {
  const found = parseMoment(text, Date.now())
  if (found === undefined) throw new InvalidArgumentError('It must be like 24h, 7d, 2026-01-31 or 2026-01-31T12:00Z.')
  return found
}
