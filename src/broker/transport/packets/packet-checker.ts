import type { PacketFault } from '../../../protocol/packet-faults.ts'
import type { Dialect } from '../dialect.ts'
import { checkConnect } from './check-connect.ts'
import { looksLike, maxFirstBytes } from './first-bytes.ts'
import { mqtt31, mqtt311 } from './mqtt3.ts'
import { packetType } from './packet-types.ts'
import { notMqtt, type StreamFault, unsupportedProtocol, violation } from './stream-fault.ts'

const mqtt5 = 5

/** Reads a CONNECT of MQTT 5 whose body stands in `bytes` from `body` up to `end`: how the connection goes on, or what is wrong. */
export type OpenMqtt5 = (bytes: Buffer, body: number, end: number) => Dialect | PacketFault

/** Checks what one connection sends, from its first byte on, before it is processed. */
export class PacketChecker {
  #first: Buffer = Buffer.alloc(0)
  #isBegun = false
  #isConnected = false
  readonly #openMqtt5: OpenMqtt5 | undefined
  #dialect = mqtt311

  /** `openMqtt5` is asked for the dialect of a connection whose CONNECT is one of MQTT 5; without it those are refused. */
  constructor(openMqtt5?: OpenMqtt5) {
    this.#openMqtt5 = openMqtt5
  }

  /** What CONNECT said is spoken here. */
  get dialect(): Dialect {
    return this.#dialect
  }

  /**
   * Looks at the first bytes of a connection until they show what it is. Returns the bytes so far once they begin a CONNECT; nothing while that is
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
    const found = this.#dialect.check(bytes, header, body, end)
    return typeof found === 'number' ? found : violation(header >> 4, found)
  }

  #connect(bytes: Buffer, body: number, end: number): number | StreamFault {
    if (this.#isConnected) return violation(packetType.connect, 'a second time')
    this.#isConnected = true
    const found = checkConnect(bytes, body, end)
    if (typeof found === 'string') return violation(packetType.connect, found)
    if (found.level === mqtt5 && this.#openMqtt5) return this.#connect5(this.#openMqtt5(bytes, body, end))
    if (!found.isChecked) return unsupportedProtocol
    if (found.level === 3) this.#dialect = mqtt31
    return 0
  }

  #connect5(opened: ReturnType<OpenMqtt5>): number | StreamFault {
    if (typeof opened === 'string') return violation(packetType.connect, opened)
    this.#dialect = opened
    return 0
  }
}
