/** What a broker's frame is, and its payload. */
export interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** Takes a server's WebSocket bytes as they come, and gives whole frames. Throws when one is masked, in fragments or not allowed. */
export function createFrameReader(onFrame: (frame: ServerFrame) => void): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0)
  return bytes => {
    waiting = Buffer.concat([waiting, bytes])
    for (;;) {
      const header = readHeader(waiting)
      if (!header || waiting.length < header.payloadAt + header.length) return
      const end = header.payloadAt + header.length
      const payload = waiting.subarray(header.payloadAt, end)
      waiting = waiting.subarray(end)
      onFrame({ opcode: header.opcode, payload })
    }
  }
}

function readHeader(bytes: Buffer): { opcode: number; length: number; payloadAt: number } | undefined {
  if (bytes.length < 2) return undefined
  const first = bytes.readUInt8(0)
  const second = bytes.readUInt8(1)
  if ((first & 0xf0) !== 0x80) throw new Error(`the broker sent a frame that begins with ${first.toString(16)}`)
  if (second > 127) throw new Error('the broker sent a masked frame')
  const opcode = first & 15
  if (second < 126) return { opcode, length: second, payloadAt: 2 }
  if (second === 126) return bytes.length < 4 ? undefined : { opcode, length: bytes.readUInt16BE(2), payloadAt: 4 }
  return bytes.length < 10 ? undefined : { opcode, length: Number(bytes.readBigUInt64BE(2)), payloadAt: 10 }
}
