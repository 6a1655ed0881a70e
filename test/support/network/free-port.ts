import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below what systems hand out by themselves (Linux from 32768, others from 49152), which would give it away again before its program listens. */
const range = { first: 10_000, last: 32_000 }

/** A port of loopback that nobody holds now, for a program that cannot be asked for any free one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = range.first + Math.floor(Math.random() * (range.last - range.first))
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
