const nothing = Buffer.alloc(0)

/** Gathers bytes that come in parts, however small, into one buffer: it takes at most twice their memory, and copies each byte a few times at most. */
export class GrowingBuffer {
  #buffer = nothing
  #length = 0

  get length(): number {
    return this.#length
  }

  add(bytes: Buffer): void {
    const length = this.#length + bytes.length
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    bytes.copy(this.#buffer, this.#length)
    this.#length = length
  }

  /** All that was gathered; the next begins empty. */
  take(): Buffer {
    const gathered = this.#buffer.subarray(0, this.#length)
    this.clear()
    return gathered
  }

  clear(): void {
    this.#buffer = nothing
    this.#length = 0
  }
}
