type Functions = Record<string, (...args: never[]) => unknown>

/** In a process that `startElsewhere` starts: calls functions that the other process names, until it is gone. */
export function answerCalls(functions: Functions): void {
  const named: Record<string, unknown> = functions

  async function answer({ id, name, args }: { id: number; name: string; args: unknown[] }): Promise<void> {
    try {
      const called = named[name]
      const result = typeof called === 'function' ? await called(...args) : undefined
      tell(JSON.stringify({ id, result: result ?? null }))
    } catch (error) {
      tell(JSON.stringify({ id, error: String(error) }))
    }
  }

  process.on('message', message => void answer(JSON.parse(String(message))))
  process.on('disconnect', () => process.exit())
  tell('{}')
}

/** Who asked may be gone, and this process is about to end then. */
function tell(text: string): void {
  if (process.connected) process.send?.(text, () => {})
}
