/** What carries a client's bytes: a TCP or TLS socket, or a WebSocket. */
export interface Wire {
  /** Sends `bytes` as one write (TCP) or as binary frames (WebSocket). */
  send(bytes: Buffer): void
  /** Bytes that were written and that the operating system has not taken yet. */
  readonly bufferedBytes: number
  /** Bytes of what the client has sent so far, also of an incomplete frame. What a WebSocket sends by itself does not count. */
  readonly arrivedBytes: number
  /** Stops and goes on reading; what is not read stays in the peer's window. */
  pause(): void
  resume(): void
  /** Ends politely: what was written is still sent, then the connection closes. */
  end(): void
  /** Ends at once; what is not sent yet is lost. */
  terminate(): void
}

/** What a wire tells its owner. `closed` is called exactly once, last. */
export interface WireEvents {
  received(bytes: Buffer): void
  /** The operating system has taken something of what was sent. */
  taken(): void
  closed(): void
}
