/** Follows the packet boundaries of a byte stream and says when a packet is announced that is too long. */
export interface PacketLimit {
  /**
   * False from the first packet on whose announced length is over the limit, or whose length field is malformed. `ended` is told of each packet that ends
   * in `bytes`: its control packet type, and how many of `bytes` were taken by then; when it returns false nothing more is accepted; when it returns 'enough'
   * nothing more of `bytes` is read.
   */
  accepts(bytes: Uint8Array, ended?: (packetType: number, taken: number) => unknown): boolean
  /** Largest remaining length, in bytes, of packets that begin from now on. */
  maxBytes: number
  /** True when the next byte begins a packet. */
  readonly betweenPackets: boolean
  /** Control packet type (MQTT 3.1.1 table 2.1) of the packet that began last; 0 before the first. */
  readonly packetType: number
  /** Remaining length of the packet that began last, as far as it was read; undefined when its length field is malformed. */
  readonly announcedBytes: number | undefined
}

const maxLengthBytes = 4

/**
 * Reads only fixed headers (MQTT 3.1.1 section 2.2), so that a length of 256 MiB is refused when it is announced and not after it
 * was buffered.
 */
export function createPacketLimit(maxBytes: number): PacketLimit {
  let bodyLeft = 0
  let inLength = false
  let lengthBytes = 0
  let length = 0
  let accepted = true
  let packetType = 0

  const limit: PacketLimit = {
    maxBytes,
    get betweenPackets() {
      return accepted && bodyLeft === 0 && !inLength
    },
    get packetType() {
      return packetType
    },
    get announcedBytes() {
      return lengthBytes === maxLengthBytes && inLength ? undefined : length
    },
    accepts(bytes, ended) {
      let isEnough = false
      const end = (taken: number) => {
        const answer = ended?.(packetType, taken)
        if (answer === false) accepted = false
        isEnough = answer === 'enough'
      }
      let i = 0
      while (accepted && !isEnough && i < bytes.length) {
        if (bodyLeft > 0) {
          const taken = Math.min(bodyLeft, bytes.length - i)
          bodyLeft -= taken
          i += taken
          if (bodyLeft === 0) end(i)
        } else if (inLength) {
          const byte = bytes[i++] ?? 0
          length += (byte & 0x7f) * 128 ** lengthBytes++
          if (byte >= 0x80) accepted = lengthBytes < maxLengthBytes
          else {
            accepted = length <= limit.maxBytes
            bodyLeft = length
            inLength = false
            if (length === 0) end(i)
          }
        } else {
          packetType = (bytes[i++] ?? 0) >> 4
          inLength = true
          lengthBytes = 0
          length = 0
        }
      }
      return accepted
    },
  }
  return limit
}
