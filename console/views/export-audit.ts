import type { RequestBodyOf } from '../../src/protocol/operations.ts'
import type { RequestFailure } from '../../src/protocol/requests.ts'
import type { Link } from '../connection/create-link.ts'

const pageSize = 500

/** Saves every entry that the filters choose as a file of JSON lines, newest first; nothing is saved when a page of it cannot be fetched. */
export async function exportAudit(
  link: Pick<Link, 'ask'>,
  filters: RequestBodyOf<'ops/audit'>,
  page: Document,
): Promise<RequestFailure | undefined> {
  const lines: string[] = []
  let before: number | null | undefined
  do {
    const answer = await link.ask('ops/audit', { ...filters, limit: pageSize, ...(before && { before }) })
    if (!answer.ok) return answer
    for (const entry of answer.data.entries) lines.push(`${JSON.stringify(entry)}\n`)
    before = answer.data.next
  } while (before !== null)
  const anchor = page.createElement('a')
  anchor.href = URL.createObjectURL(new Blob(lines, { type: 'application/jsonl' }))
  anchor.download = 'latchkey-audit.jsonl'
  anchor.click()
  URL.revokeObjectURL(anchor.href)
  return undefined
}
