/** Gathers what is written within one turn of the event loop, and sends it as one buffer at the end of that turn. */
export class Outgoing {
  readonly #send: (bytes: Buffer) => void
  #chunks: (Buffer | string)[] = []
  #bytes = 0
  #added = 0

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send
  }

  /** Bytes not yet sent. */
  get bytes(): number {
    return this.#bytes
  }

  /** All bytes ever added, sent or not. */
  get added(): number {
    return this.#added
  }

  /** Throws when it is given something else, as JavaScript may, and keeps nothing of it: at the end of the turn nobody would catch that. */
  add(chunk: Buffer | string): void {
    const length = Buffer.byteLength(chunk)
    if (this.#chunks.length === 0) setImmediate(() => this.flush())
    this.#chunks.push(chunk)
    this.#bytes += length
    this.#added += length
  }

  flush(): void {
    if (this.#chunks.length === 0) return
    const bytes = this.#gathered()
    this.clear()
    this.#send(bytes)
  }

  clear(): void {
    this.#chunks = []
    this.#bytes = 0
  }

  #gathered(): Buffer {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && typeof first === 'object') return first
    const bytes = Buffer.allocUnsafe(this.#bytes)
    let offset = 0
    for (const chunk of this.#chunks) {
      offset += typeof chunk === 'string' ? bytes.write(chunk, offset) : chunk.copy(bytes, offset)
    }
    return bytes
  }
}
