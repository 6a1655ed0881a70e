import { stat } from 'node:fs/promises'

/**
 * Looks at files every `everyMs`, following symbolic links, and calls `changed` when one has changed and all have stayed the same from one
 * look to the next: renewing a certificate writes several files. Does not keep the process alive.
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

/** A text that changes when one of the files does; for a file that cannot be read it contains the error's code. */
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
