import type { Transport } from '../../domain/events.ts'
import type { Origin } from '../../domain/origin.ts'
import { type Decision, decideDelivery, decidePublish } from '../../domain/policy.ts'
import { guest, type Principal, type Subject } from '../../domain/principal.ts'
import type { Locale } from '../../protocol/codes.ts'
import { type ParsedTopic, parseTopic } from '../../protocol/topics.ts'
import type { ConnectWill, EngineClient } from '../engine/engine-client.ts'
import type { ClientStream } from '../transport/client-stream.ts'
import type { Outbox, RetainedFeed } from './outbox.ts'
import type { Reader, Subscription, SubscriptionOptions } from './reader.ts'

/** The reader of a session, with what it has subscribed. */
export type SessionReader = Reader<Session>
export type SessionSubscription = Subscription<Session>

/** The index of subscriptions, as sessions see it. */
export interface IndexedSubscriptions {
  add(subscription: SessionSubscription): void
  remove(subscription: SessionSubscription): void
  /** Removes the subscriptions of a deleted reader, thousands of them over several turns; until then they are still found. */
  removeOver(subscriptions: readonly SessionSubscription[]): void
}

/** The policy's answer for one topic, and which of the contract's topics it is. */
export interface PublishDecision extends Decision {
  readonly topic: ParsedTopic | undefined
}

/** A filter that is granted and not active yet. */
export interface GrantedFilter extends SubscriptionOptions {
  /** True when its retained messages are to be sent. */
  readonly isFed: boolean
}

/** What a session is made of. */
export interface SessionOpening {
  readonly client: EngineClient
  /** The id in its CONNECT; the engine knows a guest by another. */
  readonly clientId: string
  readonly stream: ClientStream
  readonly address: string
  readonly transport: Transport
  readonly openedAtMs: number
  readonly principal: Principal
  readonly reader: SessionReader
  /** The keep alive of CONNECT; 0: the client may be silent for as long as it likes. */
  readonly keepAliveSeconds: number
  readonly will?: ConnectWill | undefined
  readonly receiveMaximum?: number | undefined
  readonly locale?: Locale | undefined
}

const rememberedDecisions = 512
/** Longer topics are decided on each time, so that nobody fills the memory with names. */
const rememberedTopicLength = 256

/**
 * One client's connection from its admission to its end: for whom it acts, and the policy's answers, remembered until the principal changes. Its
 * subscriptions belong to its reader.
 */
export class Session implements Subject, Origin {
  /** Filters that are granted and being stored, so not active yet; the followed ones apart. */
  readonly granted = { asked: new Map<string, GrantedFilter>(), followed: new Map<string, GrantedFilter>() }
  /** Sends its messages at QoS 1 and 2; from CONNACK on. */
  outbox: Outbox | undefined
  /** Sends its retained messages; from CONNACK on. */
  feed: RetainedFeed<SessionSubscription> | undefined
  /** True from CONNACK on. */
  ready = false
  /** True when the engine has finished with CONNECT: what the client sent after it is read from then on. */
  caughtUp = false
  /** The will of CONNECT, published when the connection ends without a DISCONNECT. */
  will: ConnectWill | undefined
  /** Why the session ends. The first reason stays. */
  closeReason: string | undefined
  /** For whom the session acted when its rights were taken. */
  revokedFrom: Principal | undefined
  /** Told when the session acts for another principal from now on. */
  becameSomebody: () => void = () => {}
  lastRequestAtMs: number
  /** The times at which publishes, and SUBSCRIBEs with no filter granted, were refused, in milliseconds since 1970; the oldest first. */
  readonly refusedAtMs: { publishes: readonly number[]; subscribes: readonly number[] } = {
    publishes: [],
    subscribes: [],
  }

  readonly client: EngineClient
  readonly stream: ClientStream
  readonly reader: SessionReader
  readonly clientId: string
  readonly address: string
  readonly transport: Transport
  readonly openedAtMs: number
  readonly keepAliveSeconds: number
  /** How many messages at QoS 1 and 2 the client takes before it has acknowledged one; undefined when it does not say. */
  readonly receiveMaximum: number | undefined
  /** The language in which the client wants to be told reasons; when undefined, that of the settings. */
  readonly locale: Locale | undefined
  #principal: Principal
  /** Made when there is something to remember: an idle session has none. */
  #publishes: Map<string, PublishDecision> | undefined
  #deliveries: Map<string, Decision> | undefined

  constructor(opening: SessionOpening) {
    this.client = opening.client
    this.stream = opening.stream
    this.reader = opening.reader
    this.clientId = opening.clientId
    this.address = opening.address
    this.transport = opening.transport
    this.openedAtMs = opening.openedAtMs
    this.keepAliveSeconds = opening.keepAliveSeconds
    this.will = opening.will
    this.receiveMaximum = opening.receiveMaximum
    this.locale = opening.locale
    this.lastRequestAtMs = opening.openedAtMs
    this.#principal = opening.principal
    this.#countAs(opening.principal)
  }

  get principal(): Principal {
    return this.#principal
  }

  /** Acts for `principal` from now on; every remembered decision is forgotten. */
  become(principal: Principal): void {
    this.#principal = principal
    this.#countAs(principal)
    this.#forgetDecisions()
    this.becameSomebody()
  }

  /** Takes every right away, for good: nothing more is delivered, and the will is not sent. */
  revoke(): void {
    this.revokedFrom ??= this.#principal
    this.become(guest)
  }

  /** Sends what waits, after the reader has taken something. */
  sendOn(): void {
    this.feed?.sendOn()
    this.outbox?.sendOn()
  }

  #forgetDecisions(): void {
    this.#publishes = undefined
    this.#deliveries = undefined
  }

  /** May this session publish to `topic`? */
  publishDecision(topic: string, retain: boolean): PublishDecision {
    if (retain) return { ...decidePublish(this, topic, true), topic: parseTopic(topic) }
    let decision = this.#publishes?.get(topic)
    if (!decision) {
      decision = { ...decidePublish(this, topic), topic: parseTopic(topic) }
      this.#publishes ??= new Map()
      remember(this.#publishes, topic, decision)
    }
    return decision
  }

  /** May a message on `topic` be delivered to this session? */
  deliveryDecision(topic: string): Decision {
    let decision = this.#deliveries?.get(topic)
    if (!decision) {
      decision = decideDelivery(this, topic)
      this.#deliveries ??= new Map()
      remember(this.#deliveries, topic, decision)
    }
    return decision
  }

  /** The same for one of many topics that are each asked once; the answer is not remembered. */
  mayReceive(topic: string): boolean {
    return (this.#deliveries?.get(topic) ?? decideDelivery(this, topic)).allowed
  }

  #countAs({ kind }: Principal): void {
    this.stream.counts = this.stream.traffic[kind]
  }
}

function remember<T>(decisions: Map<string, T>, topic: string, decision: T): void {
  if (topic.length > rememberedTopicLength) return
  if (decisions.size >= rememberedDecisions) decisions.clear()
  decisions.set(topic, decision)
}
