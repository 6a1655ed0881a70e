import { checkConnect } from './check-connect.ts'
import { checkPacket } from './check-packet.ts'
import { looksLike, maxFirstBytes } from './first-bytes.ts'
import { packetType } from './packet-types.ts'
import { notMqtt, type StreamFault, unsupportedProtocol, violation } from './stream-fault.ts'

/** Checks what one connection sends, from its first byte on, before it is processed. */
export class PacketChecker {
  #first: Buffer = Buffer.alloc(0)
  #isBegun = false
  #isConnected = false
  #isMqtt31 = false

  /** True when CONNECT said that this is MQTT 3.1, not 3.1.1. */
  get isMqtt31(): boolean {
    return this.#isMqtt31
  }

  /**
   * * Looks at the first bytes of a connection until they show what it is. Returns the bytes so far once they begin a CONNECT; nothing while that is
   * undecided; or what they are instead.
   */
  begin(bytes: Buffer): Buffer | StreamFault {
    if (this.#isBegun || bytes.length === 0) return bytes
    this.#first = this.#first.length === 0 ? bytes : Buffer.concat([this.#first, bytes])
    const seen = looksLike(this.#first.subarray(0, maxFirstBytes))
    const first = this.#first
    if (seen === 'more') return Buffer.alloc(0)
    this.#first = Buffer.alloc(0)
    if (typeof seen === 'object') return notMqtt(seen.protocol)
    if (seen !== 'CONNECT') return violation((first[0] ?? 0) >> 4, seen)
    this.#isBegun = true
    return first
  }

  /** Checks the packet in `bytes` from `from` up to `end`: how many filters it holds, or what is wrong with it. */
  check(bytes: Buffer, from: number, end: number): number | StreamFault {
    const header = bytes[from] ?? 0
    let body = from + 1
    while ((bytes[body++] ?? 0) >= 0x80) {}
    if (header >> 4 === packetType.connect) return this.#connect(bytes, body, end)
    const found = checkPacket(bytes, header, body, end)
    return typeof found === 'number' ? found : violation(header >> 4, found)
  }

  #connect(bytes: Buffer, body: number, end: number): number | StreamFault {
    if (this.#isConnected) return violation(packetType.connect, 'a second time')
    this.#isConnected = true
    const fault = checkConnect(bytes, body, end)
    if (fault === undefined) {
      this.#isMqtt31 = bytes.readUInt16BE(body) === 'MQIsdp'.length
      return 0
    }
    return typeof fault === 'string' ? violation(packetType.connect, fault) : unsupportedProtocol(fault.clientId)
  }
}
