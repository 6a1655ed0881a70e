import { stat } from 'node:fs/promises'

/**
 * Looks at files every `everyMs`, behind symbolic links too, and calls `changed` when one is another than before, once they have stayed the same from one
 * look to the next: who renews a certificate writes several. Keeps nothing alive.
 */
export async function watchFiles(
  paths: readonly string[],
  everyMs: number,
  changed: () => void,
): Promise<{ stop(): void }> {
  let known = await signatureOf(paths)
  let seen = known
  const timer = setInterval(() => {
    void signatureOf(paths).then(now => {
      if (now !== known && now === seen) {
        known = now
        changed()
      }
      seen = now
    })
  }, everyMs).unref()
  return { stop: () => clearInterval(timer) }
}

/** What changes when one of them does; of a file that cannot be looked at why not. */
async function signatureOf(paths: readonly string[]): Promise<string> {
  const found = await Promise.all(
    paths.map(path =>
      stat(path).then(
        ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
        ({ code }: NodeJS.ErrnoException) => String(code),
      ),
    ),
  )
  return found.join()
}
