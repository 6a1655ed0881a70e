import type { SocketLike } from '../services/platform.ts'

/** iOS may never report the end of a socket that was closed here. */
const closeTimeoutMs = 1000
const connectTimeoutMs = 10_000
const abnormal = 1006

/** A socket of `wx.connectSocket` that looks like the browser's. Its end is reported once, whoever ended it; `heard` is told of everything that arrives. */
export function createWxSocket(url: string, protocols: string[], heard: () => void): SocketLike {
  let readyState = 0

  function over(event: { readonly code: number; readonly reason?: string }): void {
    if (readyState === socket.CLOSED) return
    readyState = socket.CLOSED
    socket.onclose?.(event)
  }

  function failed(cause: object): void {
    if (readyState === socket.CLOSED) return
    socket.onerror?.(cause)
    socket.drop()
  }

  const socket: SocketLike = {
    CONNECTING: 0,
    OPEN: 1,
    CLOSING: 2,
    CLOSED: 3,
    url,
    get readyState() {
      return readyState
    },
    bufferedAmount: 0, // WeChat does not tell
    binaryType: 'arraybuffer',
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
    send(bytes) {
      if (readyState !== socket.OPEN) return
      // Only the bytes of the view: WeChat sends the whole buffer that it is given.
      const data = new Uint8Array(bytes).buffer
      task.send({ data, fail: failed })
    },
    close(code = 1000, reason = '') {
      if (readyState >= socket.CLOSING) return
      readyState = socket.CLOSING
      setTimeout(() => over({ code: abnormal }), closeTimeoutMs)
      task.close({ code, reason })
    },
    drop() {
      if (readyState === socket.CLOSED) return
      const isOpenAtWechat = readyState !== socket.CLOSING
      over({ code: abnormal })
      if (isOpenAtWechat) task.close({})
    },
  }

  const task = wx.connectSocket({
    url,
    protocols,
    timeout: connectTimeoutMs,
    // The caller is told of the socket's end only after it has the socket.
    fail: cause => setTimeout(() => failed(cause), 0),
  })
  task.onOpen(() => {
    if (readyState !== socket.CONNECTING) return
    readyState = socket.OPEN
    socket.onopen?.({})
  })
  task.onMessage(({ data }) => {
    if (readyState === socket.CLOSED) return
    heard()
    socket.onmessage?.({ data })
  })
  task.onError(failed)
  task.onClose(over)
  return socket
}
