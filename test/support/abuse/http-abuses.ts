import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'

export interface Pipelining {
  readonly port: number
  readonly localAddress: string
  readonly connections: number
  /** One request, which is sent again and again without waiting for an answer. */
  readonly request: string
  readonly forMs: number
}

/** What strangers do to the HTTP port, in a process of its own (`startElsewhere`). */
export function createHttpAbuses() {
  /** Sends for so long, with a new connection in place of each that is closed. Answers how many were opened. */
  async function pipeline({ port, localAddress, connections, request, forMs }: Pipelining): Promise<number> {
    const burst = Buffer.from(request.repeat(Math.ceil(65_536 / request.length)))
    const until = performance.now() + forMs
    let opened = 0

    async function abuse(): Promise<void> {
      while (performance.now() < until) {
        const socket = connect({ port, host: '127.0.0.1', localAddress })
        opened++
        socket.on('error', () => {}).resume()
        while (!socket.destroyed && performance.now() < until) {
          if (!socket.write(burst)) await Promise.race([drained(socket), setTimeout(until - performance.now())])
        }
        socket.destroy()
      }
    }

    await Promise.all(Array.from({ length: connections }, abuse))
    return opened
  }

  const waiting: Socket[] = []

  /** Opens connections that say nothing as yet. */
  async function gather(port: number, localAddress: string, connections: number): Promise<void> {
    const opened = Array.from({ length: connections }, () => connect({ port, host: '127.0.0.1', localAddress }))
    for (const socket of opened) socket.on('error', () => {}).resume()
    await Promise.all(opened.map(socket => once(socket, 'connect')))
    waiting.push(...opened)
  }

  /** All of them send a request at one moment; when all are answered with so many bytes, or closed, they leave one after the other. */
  async function askAtOnce(request: string, answerBytes = 1): Promise<void> {
    const asking = waiting.splice(0)
    const answered = asking.map(socket => Promise.race([received(socket, answerBytes), once(socket, 'close')]))
    for (const socket of asking) socket.write(request, 'latin1')
    await Promise.all(answered)
    for (const [n, socket] of asking.entries()) {
      if (n % 20 === 0) await setTimeout(2)
      socket.destroy()
    }
  }

  return { pipeline, gather, askAtOnce }
}

const received = (socket: Socket, bytes: number): Promise<void> =>
  new Promise(resolve => socket.on('data', () => socket.bytesRead >= bytes && resolve()))

const drained = (socket: Socket): Promise<unknown> =>
  Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {})
