import { setImmediate } from 'node:timers/promises'
import { answerBroker } from './answer-broker.ts'
import { type Line, openLine } from './open-line.ts'
import { createRandom } from './random.ts'
import type { Script } from './script.ts'

const deadlineMs = 20_000

/** Plays one connection to its end. Resolves with the packets sent while it was open; rejects when the broker does wrong or never ends. */
export async function playScript(script: Script, ports: { mqtt: number; http: number }, seed: number): Promise<number> {
  const random = createRandom(seed)
  const port = script.transport === 'ws' ? ports.http : ports.mqtt
  let sent = 0
  let heard = () => {}
  const firstPacket = new Promise<void>(resolve => {
    heard = resolve
  })
  const line = await openLine(script.transport, port, script.version, (packet, { isOpen, sendPacket }) => {
    heard()
    if (!isOpen) return
    for (const answer of answerBroker(random, packet)) {
      sendPacket(answer)
      sent++
    }
  })

  const play = async () => {
    for (const { bytes, packets } of script.opening) {
      line.send(bytes)
      sent += packets
    }
    if (script.waits) await Promise.race([firstPacket, line.closed])
    for (const { bytes, packets } of script.chunks) {
      if (!line.isOpen) break
      line.send(bytes)
      sent += packets
      if (random.chance(0.5)) await setImmediate() // the broker's turn: it may close, answer or read half of a packet
    }
    if (script.breaksOff) line.destroy()
    else line.end()
    await line.closed
  }
  await withDeadline(play(), line)
  if (line.problem !== undefined) throw new Error(`the broker sent what is not MQTT: ${line.problem}`)
  return sent
}

async function withDeadline(work: Promise<void>, line: Line): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`a connection was still open after ${deadlineMs} ms`))
      line.destroy()
    }, deadlineMs)
  })
  await Promise.race([work, deadline]).finally(() => clearTimeout(timer))
}
