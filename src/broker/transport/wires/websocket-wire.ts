import { WebSocket } from 'ws'
import type { Wire, WireEvents } from './wire.ts'

const goingAway = 1000
const unsupportedData = 1003
const politeEndMs = 1000
const nothing = Buffer.alloc(0)
/**
 * Browsers and WeChat deliver a frame only when it is whole. On a link of 8 kB/s a frame of this size takes half a second, so that a client can tell a slow
 * link from a dead one. Packets need not end where frames do [MQTT-6.0.0-2].
 */
const mostInFrame = 4096
/** The header of a client's control frame: two bytes and a mask (RFC 6455 section 5.2). */
const controlHeaderBytes = 6
/** A peer that does not read gets no pongs. */
const mostBeforePong = 65_536

/** A socket that tells how many bytes have come over it. */
export interface Carrier {
  readonly bytesRead: number
}

/**
 * A wire over a WebSocket that speaks the `mqtt` subprotocol: binary frames only [MQTT-6.0.0-1]. A peer that is sent nothing for `silenceMs`
 * is pinged, for there are proxies that count nothing else as life, and gone when it says nothing for as long again. The WebSocket must not answer pings by itself: of those that come within one turn
 * only the last is answered (RFC 6455 section 5.5.3), and each of them is told of as an empty message. `socket` is what carries the WebSocket: on a slow link
 * it alone shows that a long frame is still coming.
 */
export function createWebSocketWire(ws: WebSocket, socket: Carrier, events: WireEvents, silenceMs: number): Wire {
  let controlBytes = 0
  let arrivedBefore = 0
  let heard = true
  let sentAtMs = performance.now()
  let pinged: Buffer | undefined
  let refused = false
  let silence = setTimeout(breakSilence, silenceMs).unref()

  ws.binaryType = 'nodebuffer'
  ws.on('message', (data, isBinary) => {
    heard = true
    if (refused) return
    if (isBinary && Buffer.isBuffer(data)) events.received(data)
    else refuse()
  })
  ws.on('pong', data => {
    controlBytes += controlHeaderBytes + data.length
    heard = true
  })
  ws.on('ping', data => {
    controlBytes += controlHeaderBytes + data.length
    heard = true
    if (!pinged) setImmediate(answerPing)
    pinged = data
    events.received(nothing)
  })
  ws.on('error', () => {}) // 'close' follows and ends the session
  ws.once('close', () => {
    clearTimeout(silence)
    events.closed()
  })

  /** Pings when nothing was sent for long enough, and closes when nothing has come since the last ping. */
  function breakSilence(): void {
    if (performance.now() - sentAtMs >= silenceMs) {
      if (arrivedBytes() > arrivedBefore) heard = true
      arrivedBefore = arrivedBytes()
      if (!heard && !ws.isPaused) {
        // While we do not read from it, its pong could not be received.
        ws.terminate()
        return
      }
      heard = false
      ws.ping()
      sentAtMs = performance.now()
    }
    silence = setTimeout(breakSilence, sentAtMs + silenceMs - performance.now()).unref()
  }

  /** A WebSocket may answer pings by itself although its program has stopped. */
  function arrivedBytes(): number {
    return socket.bytesRead - controlBytes
  }

  /** The session ends now, whenever the peer closes its side. */
  function refuse(): void {
    refused = true
    ws.close(unsupportedData, 'binary frames only')
    setTimeout(() => ws.terminate(), politeEndMs).unref()
    events.closed()
  }

  function answerPing(): void {
    if (pinged && ws.readyState === WebSocket.OPEN && ws.bufferedAmount < mostBeforePong) {
      ws.pong(pinged)
      sentAtMs = performance.now()
    }
    pinged = undefined
  }

  const taken = () => events.taken()
  return {
    send: bytes => {
      if (ws.readyState !== WebSocket.OPEN) return
      sentAtMs = performance.now()
      for (let from = 0; from < bytes.length; from += mostInFrame)
        ws.send(bytes.subarray(from, from + mostInFrame), { binary: true, compress: false }, taken)
    },
    get bufferedBytes() {
      return ws.bufferedAmount
    },
    get arrivedBytes() {
      return arrivedBytes()
    },
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    end: () => ws.close(goingAway),
    terminate: () => ws.terminate(),
  }
}
