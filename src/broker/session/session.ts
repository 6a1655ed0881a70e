import type { Client } from 'aedes'
import type { Origin, Transport } from '../../domain/events.ts'
import { type Decision, decideDelivery, decidePublish } from '../../domain/policy.ts'
import { guest, type Principal, type Subject } from '../../domain/principal.ts'
import { isSubset } from '../../protocol/topic-filter.ts'
import { type ParsedTopic, parseTopic } from '../../protocol/topics.ts'
import type { ClientStream } from '../transport/client-stream.ts'

export type Qos = 0 | 1 | 2

/** The policy's answer for one topic, and what of the contract's topics it is. */
export interface PublishDecision extends Decision {
  readonly topic: ParsedTopic | undefined
}

/** The policy's answer for one topic, and the highest QoS among this session's filters that match it. */
export interface DeliveryDecision extends Decision {
  /** Absent when no filter of the session matches: a reply or a notification, sent to it alone. */
  readonly maxQos?: Qos
}

/** What a session begins with. */
export interface SessionOpening {
  readonly client: Client
  readonly stream: ClientStream
  readonly address: string
  readonly transport: Transport
  readonly openedAtMs: number
  readonly principal: Principal
}

const rememberedDecisions = 512
/** Longer topics are decided afresh each time, so that nobody fills the memory with names. */
const rememberedTopicLength = 256

/**
 * One client's connection from its admission to its end: who it acts for, what it subscribed, and the policy's answers for it,
 * remembered until the principal or the subscriptions change.
 */
export class Session implements Subject, Origin {
  /** Filters the client subscribed and was granted as they are. */
  readonly asked = new Map<string, Qos>()
  /** Filters over devices that a user subscribed; {@link derived} stands for them. */
  readonly followed = new Map<string, Qos>()
  /** The exact filters that the followed ones stand for with today's grants. */
  readonly derived = new Map<string, Qos>()
  /** True from CONNACK on; before it, what Aedes subscribes is a stored session being restored. */
  ready = false
  /** True when what was queued for a stored session has been sent; from then on, what comes is new. */
  caughtUp = false
  /** Set once by whoever ends the session; the first reason stays. */
  closeReason: string | undefined
  /** Whom the session acted for when its rights were taken. */
  revokedFrom: Principal | undefined
  lastRequestAtMs: number
  /** When publishes were refused, in milliseconds since 1970; the oldest first. */
  refusedPublishes: readonly number[] = []

  readonly client: Client
  readonly stream: ClientStream
  readonly clientId: string
  readonly address: string
  readonly transport: Transport
  readonly openedAtMs: number
  #principal: Principal
  readonly #publishes = new Map<string, PublishDecision>()
  readonly #deliveries = new Map<string, DeliveryDecision>()

  constructor(opening: SessionOpening) {
    this.client = opening.client
    this.stream = opening.stream
    this.clientId = opening.client.id
    this.address = opening.address
    this.transport = opening.transport
    this.openedAtMs = opening.openedAtMs
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
    this.forgetDecisions()
  }

  /** Takes every right away, for good: nothing more is delivered, and the will is not sent. */
  revoke(): void {
    this.revokedFrom ??= this.#principal
    this.become(guest)
  }

  /** To be called when {@link asked} or {@link derived} changed. */
  forgetDecisions(): void {
    this.#publishes.clear()
    this.#deliveries.clear()
  }

  /** May this session publish to `topic`? */
  publishDecision(topic: string, retain: boolean): PublishDecision {
    if (retain) return { ...decidePublish(this, topic, true), topic: parseTopic(topic) }
    let decision = this.#publishes.get(topic)
    if (!decision) {
      decision = { ...decidePublish(this, topic), topic: parseTopic(topic) }
      remember(this.#publishes, topic, decision)
    }
    return decision
  }

  /** May a message on `topic` be delivered to this session, and at which QoS at most? */
  deliveryDecision(topic: string): DeliveryDecision {
    let decision = this.#deliveries.get(topic)
    if (!decision) {
      const maxQos = this.#maxQos(topic)
      decision = { ...decideDelivery(this, topic), ...(maxQos === undefined ? {} : { maxQos }) }
      remember(this.#deliveries, topic, decision)
    }
    return decision
  }

  #countAs({ kind }: Principal): void {
    this.stream.counts = this.stream.traffic[kind]
  }

  #maxQos(topic: string): Qos | undefined {
    let max: Qos | undefined
    for (const filters of [this.asked, this.derived]) {
      for (const [filter, qos] of filters) {
        if ((max === undefined || qos > max) && isSubset(topic, filter)) max = qos
      }
    }
    return max
  }
}

/** The part of a session that events carry. */
export const originOf = ({ clientId, address, principal }: Session) => ({ clientId, address, principal })

function remember<T>(decisions: Map<string, T>, topic: string, decision: T): void {
  if (topic.length > rememberedTopicLength) return
  if (decisions.size >= rememberedDecisions) decisions.clear()
  decisions.set(topic, decision)
}
