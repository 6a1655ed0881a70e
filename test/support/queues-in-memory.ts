import { type Message, sizeOf } from '../../src/domain/message.ts'
import {
  packetIdOf,
  type QueuedMessage,
  type QueueLimits,
  type QueuePage,
  type UnfinishedFanOut,
} from '../../src/domain/mqtt-state/session-queues.ts'
import type { Given, GivenTo, GiveWrite, Queueing } from '../../src/domain/mqtt-state/write.ts'

interface Row extends QueuedMessage {
  readonly qos: 1 | 2
  readonly bytes: number
}

/** The queues of stored sessions in maps. */
export function createQueuesInMemory({ maxMessages, maxBytes }: QueueLimits) {
  const queues = new Map<string, Row[]>()
  const last = new Map<string, number>()
  const fanOuts = new Map<number, UnfinishedFanOut>()
  let fanOutId = 0

  const rowsOf = (clientId: string): Row[] => queues.get(clientId) ?? []
  const bytesOf = (rows: readonly Row[]): number => rows.reduce((sum, { bytes }) => sum + bytes, 0)
  const isOver = (rows: readonly Row[], share = 1): boolean =>
    rows.length > maxMessages * share || bytesOf(rows) > maxBytes * share

  function append({ clientId, qos, isSent }: GivenTo, { publisher: _, ...kept }: Message): number {
    const seq = (last.get(clientId) ?? 0) + 1
    last.set(clientId, seq)
    const message: Message = { ...kept, payload: Buffer.from(kept.payload) }
    const rows = [
      ...rowsOf(clientId),
      { seq, qos, message, bytes: sizeOf(message), ...(isSent && { messageId: packetIdOf(seq) }) },
    ]
    while (isOver(rows)) {
      const oldest = rows.findIndex(({ messageId }) => messageId === undefined)
      if (oldest < 0) break
      rows.splice(oldest, 1)
    }
    queues.set(clientId, rows)
    return seq
  }

  function replace(clientId: string, seq: number, change: (row: Row) => Row): void {
    queues.set(
      clientId,
      rowsOf(clientId).map(row => (row.seq === seq ? change(row) : row)),
    )
  }

  return {
    add({ message, recipients, waiting }: Queueing): Given {
      const numbers = recipients.map(recipient => append(recipient, message))
      if (waiting.length === 0) return { numbers }
      fanOuts.set(++fanOutId, { id: fanOutId, message, waiting, given: 0 })
      return { numbers, fanOut: fanOutId }
    },
    give({ fanOut, recipients, given, isLast }: GiveWrite): Given {
      const unfinished = fanOuts.get(fanOut)
      if (!unfinished) throw new Error('there is no such fan-out')
      if (isLast) fanOuts.delete(fanOut)
      else fanOuts.set(fanOut, { ...unfinished, given })
      return { numbers: recipients.map(recipient => append(recipient, unfinished.message)) }
    },
    noteSent: (clientId: string, seq: number) =>
      replace(clientId, seq, row => ({ ...row, messageId: packetIdOf(seq) })),
    noteReceived: (clientId: string, seq: number) => replace(clientId, seq, row => ({ ...row, message: undefined })),
    remove(clientId: string, seq: number): void {
      queues.set(
        clientId,
        rowsOf(clientId).filter(row => row.seq !== seq),
      )
    },
    forget(clientId: string): void {
      queues.delete(clientId)
      for (const [id, fanOut] of fanOuts) {
        const waiting = fanOut.waiting.map(one => (one.clientId === clientId ? { ...one, clientId: '' } : one))
        fanOuts.set(id, { ...fanOut, waiting })
      }
    },
    page(clientId: string, afterSeq: number, bounds: QueueLimits): QueuePage {
      const rows: Row[] = []
      let bytes = 0
      for (const row of rowsOf(clientId)) {
        if (row.seq <= afterSeq) continue
        bytes += row.bytes
        if (rows.length === bounds.maxMessages || (rows.length > 0 && bytes > bounds.maxBytes)) break
        rows.push(row)
      }
      return { rows, isHalfFull: isOver(rowsOf(clientId), 1 / 2) }
    },
    lastSeq: (clientId: string): number => last.get(clientId) ?? 0,
    sizeOf: (clientId: string) => ({ messages: rowsOf(clientId).length, bytes: bytesOf(rowsOf(clientId)) }),
    unfinished: (): UnfinishedFanOut[] =>
      [...fanOuts.values()].map(one => ({ ...one, waiting: one.waiting.slice(one.given) })),
  }
}
