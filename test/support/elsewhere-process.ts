/** What `startElsewhere` starts: it calls functions that another process names. */
const [url = '', factory = ''] = process.argv.slice(2)
const module: Record<string, () => Record<string, (...args: unknown[]) => unknown>> = await import(url)
const functions = module[factory]?.() ?? {}

process.on('message', message => void answer(JSON.parse(String(message))))
process.on('disconnect', () => process.exit())
tell('{}')

async function answer({ id, name, args }: { id: number; name: string; args: unknown[] }): Promise<void> {
  try {
    const result = (await functions[name]?.(...args)) ?? null
    tell(JSON.stringify({ id, result }))
  } catch (error) {
    tell(JSON.stringify({ id, error: String(error) }))
  }
}

/** Who asked may be gone, and this process is about to end then. */
function tell(text: string): void {
  if (process.connected) process.send?.(text, () => {})
}
