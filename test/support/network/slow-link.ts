import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

type Direction = 'down' | 'up'

/** A TCP port that leads to another, slowly. Each promise resolves when the link has obeyed. */
export interface SlowLink extends AsyncDisposable {
  readonly port: number
  /** Lets nothing through any more in this direction, as a reader that stops half-way; up to a hundredth of a second's bytes are in hand already. */
  stop(direction: Direction): Promise<void>
  resume(direction: Direction): Promise<void>
  /** Cuts every connection; what was under way is lost. */
  cut(): Promise<void>
  /** Where new connections lead: to a broker that came back elsewhere. */
  retarget(port: number): Promise<void>
  /** Passes nothing for so long, in either direction, as when the machine has no time for it. */
  standStill(seconds: number): Promise<void>
  /** How often it was not run for so long: nothing came through then, though nobody stopped the link. */
  timesStoodStill(seconds: number): Promise<number>
}

/**
 * Starts a link on which each connection passes at most `bytesPerSecond` down to the client, and `upBytesPerSecond` (the same when not given) up.
 * It is a process of its own with small kernel buffers on either side: a sender can push about 75 kB into it, all buffers together, before its
 * `writableLength` grows, in place of the 4 MB that loopback takes. The client's own receive buffer is the system's: to stop a reader, stop the link.
 */
export async function startSlowLink(
  targetPort: number,
  { bytesPerSecond, upBytesPerSecond = bytesPerSecond }: { bytesPerSecond: number; upBytesPerSecond?: number },
): Promise<SlowLink> {
  const script = join(import.meta.dirname, 'slow-link.py')
  const args = [script, targetPort, bytesPerSecond, upBytesPerSecond].map(String)
  const proxy = spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(proxy, 'exit')
  const lines = createInterface({ input: proxy.stdout })
  const answers: ((line: string) => void)[] = []
  lines.on('line', line => answers.shift()?.(line))
  const answer = () =>
    Promise.race([
      new Promise<string>(resolve => answers.push(resolve)),
      exited.then(([code]) => Promise.reject(new Error(`slow-link.py ended with ${code}`))),
    ])
  const ask = (command: string): Promise<string> => {
    const answered = answer()
    proxy.stdin.write(`${command}\n`)
    return answered
  }
  const tell = async (command: string): Promise<void> => void (await ask(command))
  const port = Number(await answer())
  return {
    port,
    stop: direction => tell(`stop ${direction}`),
    resume: direction => tell(`resume ${direction}`),
    cut: () => tell('cut'),
    retarget: to => tell(`target ${to}`),
    standStill: seconds => tell(`stand ${seconds}`),
    timesStoodStill: async seconds => Number(await ask(`stood ${seconds}`)),
    async [Symbol.asyncDispose]() {
      proxy.stdin.end()
      proxy.kill('SIGKILL')
      await exited
    },
  }
}
