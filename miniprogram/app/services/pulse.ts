/** The part of a packet that matters here. */
interface PacketLike {
  readonly cmd: string
  readonly qos?: number
}

/**
 * * Notices that a connection is dead although it looks open. While anything is awaited it pings the broker; when not one byte comes within three seconds of
 * a packet that the broker answers at once, the connection is dead. A broker that is only slow with a request still answers pings.
 */
export interface Pulse {
  sent(packet: PacketLike): void
  received(packet: PacketLike): void
  /** Bytes have arrived, also those of an incomplete packet. */
  heard(): void
  /** Until `answer` is settled, something is awaited. Returns `answer`. */
  awaiting<T>(answer: Promise<T>): Promise<T>
  /** Resolves when all that the broker had sent by now has arrived; rejects when it is stopped before. */
  caughtUp(): Promise<void>
  stop(): void
}

interface Options {
  /** Sends PINGREQ, and tells {@link Pulse.sent} of it. */
  readonly ping: () => void
  /** Told once, after which nothing is. */
  readonly dead: () => void
}

/** Time counts only while the app runs: so an app that was suspended does not take the broker for silent. */
const tickMs = 500
const silentTicks = 6
const quietTicks = 2

/** The packets that the broker answers by itself, at once. */
const isQuestion = ({ cmd, qos = 0 }: PacketLike): boolean =>
  cmd === 'pingreq' || cmd === 'subscribe' || cmd === 'unsubscribe' || (cmd === 'publish' && qos > 0)

export function createPulse({ ping, dead }: Options): Pulse {
  /** Callers that wait for a PINGRESP, each with how many PINGREQ had been sent then. */
  const catchingUp = new Map<() => void, { readonly pings: number; readonly fail: () => void }>()
  let pingsSent = 0
  let pingsAnswered = 0
  let awaited = 0
  /** True when a packet was sent and nothing has come since. */
  let isAsked = false
  let ticks = 0
  let stopTicking: (() => void) | undefined
  let isStopped = false

  function tick(): void {
    ticks++
    if (isAsked && ticks >= silentTicks) {
      stop()
      dead()
    } else if (!isAsked && awaited === 0) rest()
    else if (!isAsked && ticks >= quietTicks) ping()
  }

  function startTicking(): void {
    rest()
    ticks = 0
    const timer = setInterval(tick, tickMs)
    stopTicking = () => clearInterval(timer)
  }

  function rest(): void {
    stopTicking?.()
    stopTicking = undefined
  }

  function stop(): void {
    isStopped = true
    rest()
    for (const { fail } of [...catchingUp.values()]) fail()
    catchingUp.clear()
  }

  return {
    sent(packet) {
      if (packet.cmd === 'pingreq') pingsSent++
      if (isStopped || isAsked || !isQuestion(packet)) return
      isAsked = true
      startTicking()
    },
    received({ cmd }) {
      if (cmd !== 'pingresp') return
      pingsAnswered++
      for (const [resolve, { pings }] of [...catchingUp]) {
        if (pings > pingsAnswered) continue
        catchingUp.delete(resolve)
        resolve()
      }
    },
    heard() {
      isAsked = false
      ticks = 0
    },
    awaiting(answer) {
      awaited++
      const settled = () => void awaited--
      answer.then(settled, settled)
      if (!isStopped && !stopTicking) startTicking()
      return answer
    },
    caughtUp: () =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new Error('offline'))
        if (isStopped) return fail()
        ping()
        catchingUp.set(resolve, { pings: pingsSent, fail })
      }),
    stop,
  }
}
