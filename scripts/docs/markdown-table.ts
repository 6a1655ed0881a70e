/** A GitHub table. Cells may hold anything but line breaks; a bar in one is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** `text` as code; empty stays empty. */
export const code = (text: string): string => (text === '' ? '' : `\`${text}\``)

/** Several pieces of code in one cell. */
export const codes = (texts: readonly string[]): string => texts.map(code).join(' ')
