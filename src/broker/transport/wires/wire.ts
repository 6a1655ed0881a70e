/** What carries a client's bytes: a TCP or TLS socket, or a WebSocket. */
export interface Wire {
  /** Sends `bytes` as one write (TCP) or as binary frames (WebSocket). */
  send(bytes: Buffer): void
  /** Bytes handed to the operating system's side of us that it has not taken yet. */
  readonly bufferedBytes: number
  /** Bytes that came so far of what the client sends, also of a frame that is not whole. What a WebSocket sends by itself is none of it. */
  readonly arrivedBytes: number
  /** Stops and goes on reading; what is not read stays in the peer's window. */
  pause(): void
  resume(): void
  /** Ends politely: what was sent still goes out, then the connection closes. */
  end(): void
  /** Ends at once; what was not sent is lost. */
  terminate(): void
}

/** What a wire tells its owner. `closed` comes exactly once, last. */
export interface WireEvents {
  received(bytes: Buffer): void
  /** The operating system has taken something of what was sent. */
  taken(): void
  closed(): void
}
