import { createRequests, type Requests } from '../../../src/protocol/requests.ts'
import { topics } from '../../../src/protocol/topics.ts'
import type { connect, MqttClient, textOf } from '../vendor/mqtt.js'
import type { Platform, SocketLike } from './platform.ts'
import { createPulse, type Pulse } from './pulse.ts'

/** The outcome of opening a connection: CONNACK's return code when the broker refused. */
export type Opened = 'open' | 'unreachable' | { readonly refused: number }

/** One connection to the broker, from its opening to its end; it does not reconnect. It ends when it is found dead. */
export interface Link extends Pick<Requests, 'ask'>, Pick<Pulse, 'awaiting' | 'caughtUp'> {
  readonly opened: Promise<Opened>
  readonly isOpen: boolean
  /** Rejects when it cannot be sent, or the connection ends before the broker has it. */
  publish(topic: string, payload: string): Promise<void>
  /** Resolves with the filters that the broker refused; rejects when the connection ends before it answers. */
  subscribe(filters: readonly string[]): Promise<readonly string[]>
  /** Gives it up at once, whatever the platform says about it. No callback is called from here on. */
  drop(): void
  /** The same, after a DISCONNECT. */
  close(): void
}

/** mqtt.js, as vendor/mqtt has it. */
export interface Mqtt {
  readonly connect: typeof connect
  readonly textOf: typeof textOf
}

export interface LinkOptions extends Mqtt {
  readonly openSocket: Platform['openSocket']
  readonly url: string
  readonly clientId: string
  /** When it is missing, the connection is a guest's. */
  readonly token?: string
  /** Told of every message except replies. */
  readonly heard: (topic: string, payload: string, retained: boolean) => void
  /** Told when it was open and ended, not closed by us. */
  readonly lost: () => void
}

const keepaliveSeconds = 30
const connectTimeoutMs = 8000
const farewellMs = 1000
const subackFailure = 128

/** Begins to connect. Never throws. */
export function openLink({ connect, textOf, openSocket, url, clientId, token, heard, lost }: LinkOptions): Link {
  let stage: 'opening' | 'open' | 'over' = 'opening'
  let socket: SocketLike | undefined
  let client: MqttClient | undefined
  let settle: (opened: Opened) => void = () => {}
  const opened = new Promise<Opened>(resolve => {
    settle = resolve
  })
  /** Functions that fail what still waits for the broker. */
  const unanswered = new Set<() => void>()
  const replies = topics.replies(clientId).slice(0, -1)
  const pulse = createPulse({ ping: () => client?.sendPing(), dead: ended })
  const requests = createRequests({
    send: (operation, payload) => {
      if (!client) throw new Error('offline')
      client.publish(topics.request(clientId, operation), payload, { qos: 0 }, () => {})
      client.sendPing() // a request may take its time, and has no PUBACK
    },
    caughtUp: pulse.caughtUp,
  })

  /** Not all platforms report the end of a connection: so it neither waits for that nor listens any more. */
  function end(outcome: Opened, saysGoodbye = false): void {
    if (stage === 'over') return
    stage = 'over'
    clearTimeout(deadline)
    pulse.stop()
    client?.end(!saysGoodbye)
    if (saysGoodbye) setTimeout(() => socket?.drop(), farewellMs)
    else socket?.drop()
    settle(outcome)
    requests.end()
    for (const fail of [...unanswered]) fail()
  }

  function ended(): void {
    const wasOpen = stage === 'open'
    if (stage === 'over') return
    end('unreachable')
    if (wasOpen) lost()
  }

  /** What the broker answers, or the error `offline` as soon as the connection ends: at its end mqtt.js has words of its own. */
  const answered = <T>(
    ask: (open: MqttClient, resolve: (answer: T) => void, reject: () => void) => void,
  ): Promise<T> => {
    const answer = new Promise<T>((resolve, reject) => {
      const fail = () => {
        unanswered.delete(fail)
        reject(new Error('offline'))
      }
      if (stage !== 'open' || !client) return fail()
      unanswered.add(fail)
      const given = (value: T) => {
        unanswered.delete(fail)
        resolve(value)
      }
      ask(client, given, fail)
    })
    return pulse.awaiting(answer)
  }

  const deadline = setTimeout(ended, connectTimeoutMs)
  try {
    client = connect({
      url,
      clientId,
      ...(token === undefined ? {} : { username: 'jwt', password: token }),
      keepaliveSeconds,
      connectTimeoutMs,
      reconnectPeriodMs: 0,
      openSocket: (address, protocols) => {
        socket = openSocket(address, protocols, pulse.heard)
        return socket
      },
    })
      .on('connect', () => {
        if (stage !== 'opening') return
        stage = 'open'
        clearTimeout(deadline)
        settle('open')
      })
      .on('packetsend', pulse.sent)
      .on('packetreceive', pulse.received)
      .on('message', (topic, payload, { retain }) => {
        if (stage === 'over') return
        const text = textOf(payload)
        if (topic.startsWith(replies)) requests.answered(text)
        else heard(topic, text, retain)
      })
      .on('error', ({ code }) => {
        if (stage === 'opening' && typeof code === 'number') end({ refused: code })
        else ended()
      })
      .on('close', ended)
  } catch {
    ended() // the platform opens no socket now
  }

  return {
    opened,
    get isOpen() {
      return stage === 'open'
    },
    ask: (operation, body) => pulse.awaiting(requests.ask(operation, body)),
    awaiting: pulse.awaiting,
    caughtUp: pulse.caughtUp,
    publish: (topic, payload) =>
      answered<void>((open, resolve, reject) =>
        open.publish(topic, payload, { qos: 1 }, cause => (cause ? reject() : resolve())),
      ),
    subscribe: filters =>
      answered<readonly string[]>((open, resolve, reject) =>
        open.subscribe([...filters], { qos: 1 }, (_cause, _asked, suback) => {
          if (suback) resolve(filters.filter((_filter, index) => suback.granted[index] === subackFailure))
          else reject()
        }),
      ),
    drop: () => end('unreachable'),
    close: () => end('unreachable', stage === 'open'),
  }
}
