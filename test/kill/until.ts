/** Waits for what clients do by themselves, and gives up after `deadlineMs`; whether it is so then. */
export async function until(isSo: () => boolean, deadlineMs = 60_000): Promise<boolean> {
  const endsAt = performance.now() + deadlineMs
  while (!isSo() && performance.now() < endsAt) await new Promise(resolve => setTimeout(resolve, 10))
  return isSo()
}
