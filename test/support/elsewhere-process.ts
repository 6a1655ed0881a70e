/** What `startElsewhere` starts: it calls functions that another process names. */
const [url = '', factory = ''] = process.argv.slice(2)
const module: Record<string, () => Record<string, (...args: unknown[]) => unknown>> = await import(url)
const functions = module[factory]?.() ?? {}

process.on('message', message => void answer(JSON.parse(String(message))))
process.on('disconnect', () => process.exit())
process.send?.('{}')

async function answer({ id, name, args }: { id: number; name: string; args: unknown[] }): Promise<void> {
  try {
    const result = (await functions[name]?.(...args)) ?? null
    process.send?.(JSON.stringify({ id, result }))
  } catch (error) {
    process.send?.(JSON.stringify({ id, error: String(error) }))
  }
}
