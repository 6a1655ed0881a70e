import { WebSocket } from 'ws'
import type { Wire, WireEvents } from './wire.ts'

const goingAway = 1000
const unsupportedData = 1003

/** A wire over a WebSocket that speaks the `mqtt` subprotocol: binary frames only [MQTT-6.0.0-1]. */
export function createWebSocketWire(ws: WebSocket, events: WireEvents): Wire {
  ws.binaryType = 'nodebuffer'
  ws.on('message', (data, isBinary) => {
    if (!isBinary || !Buffer.isBuffer(data)) ws.close(unsupportedData, 'binary frames only')
    else events.received(data)
  })
  ws.on('error', () => {}) // 'close' follows and is what ends the session
  ws.once('close', () => events.closed())
  return {
    send: bytes => {
      if (ws.readyState === WebSocket.OPEN) ws.send(bytes, { binary: true, compress: false })
    },
    get bufferedBytes() {
      return ws.bufferedAmount
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    end: () => ws.close(goingAway),
    terminate: () => ws.terminate(),
  }
}
