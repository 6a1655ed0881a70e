/** What a session may expect of the messages of one flow. */
export interface Expectation {
  /** Every acknowledged message must arrive: the session is stored, and it is QoS 1 or 2 all the way. */
  readonly mustArrive: boolean
  /** A message may arrive more than once: it is QoS 1 somewhere on its way. */
  readonly mayRepeat: boolean
}

/** What went wrong so far, and how much went well. */
export interface Tallies {
  sent: number
  received: number
  /** Still missing when the subscription was renewed. */
  lost: number
  /** Arrived after one that was sent later. */
  misordered: number
  /** Arrived again though that may not be. */
  duplicated: number
  /** Arrived again at QoS 1, as it may. */
  repeated: number
  /** Arrived at a session that it was not for, or was never sent. */
  strays: number
}

interface Flow {
  sent: number
  /** Every message up to here is acknowledged. */
  acknowledged: number
  readonly acknowledgedAhead: Set<number>
}

interface Follower {
  expects: Expectation
  highest: number
  /** Messages up to here are not owed: they were sent before the subscription was granted. */
  from: number
  /** Messages after this one are not owed any more. */
  owedUpTo: number
  /** Messages after this one may not arrive any more. */
  mayComeUpTo: number
  /** Owed, and not received though a later one was. */
  readonly gaps: Set<number>
}

/**
 * Accounts for every message. A flow is what one sender publishes on one topic at one QoS, numbered from 1 on; a session follows flows. It keeps
 * only what has not arrived, so that it does not grow with the run.
 */
export interface Ledger {
  readonly tallies: Readonly<Tallies>
  /** The number of the next message of a flow, which is sent now. */
  begin(flow: string): number
  acknowledged(flow: string, n: number): void
  /** The session subscribes: messages may come from now on. */
  subscribing(session: string, flow: string, expects: Expectation): void
  /** Its subscription is granted: what is sent from now on is owed. */
  granted(session: string, flow: string): void
  /** Nothing more is owed than what is acknowledged now. */
  releasing(session: string, flow: string): void
  /** The subscription has ended: what is sent from now on may not come. */
  released(session: string, flow: string): void
  /** Answers what is wrong with it; undefined when nothing is. */
  received(session: string, flow: string, n: number): string | undefined
  /** Acknowledged and owed, and not received. */
  missingOf(session: string): number
  missing(): number
  /** Those that are missing though later ones of the same flow have arrived. */
  overtaken(): number
}

export function createLedger(): Ledger {
  const tallies: Tallies = { sent: 0, received: 0, lost: 0, misordered: 0, duplicated: 0, repeated: 0, strays: 0 }
  const flows = new Map<string, Flow>()
  const sessions = new Map<string, Map<string, Follower>>()

  function flowOf(name: string): Flow {
    const flow = flows.get(name) ?? { sent: 0, acknowledged: 0, acknowledgedAhead: new Set() }
    flows.set(name, flow)
    return flow
  }

  function followerOf(session: string, flow: string): Follower {
    const follower = sessions.get(session)?.get(flow)
    if (!follower) throw new Error(`${session} does not follow ${flow}`)
    return follower
  }

  const isAcknowledged = (flow: Flow, n: number) => n <= flow.acknowledged || flow.acknowledgedAhead.has(n)

  function overtakenOf(name: string, { gaps }: Follower): number {
    const flow = flowOf(name)
    return [...gaps].filter(n => isAcknowledged(flow, n)).length
  }

  function missingIn(name: string, follower: Follower): number {
    if (!follower.expects.mustArrive) return 0
    const upTo = Math.min(flowOf(name).acknowledged, follower.owedUpTo)
    const behind = Math.max(0, upTo - Math.max(follower.highest, follower.from))
    return behind + overtakenOf(name, follower)
  }

  const sumOf = (session: ReadonlyMap<string, Follower> | undefined, count: typeof missingIn): number =>
    [...(session ?? [])].reduce((sum, [name, follower]) => sum + count(name, follower), 0)
  const sumOfAll = (count: typeof missingIn): number =>
    [...sessions.values()].reduce((sum, session) => sum + sumOf(session, count), 0)

  function judge(follower: Follower, flow: Flow, n: number): keyof Tallies | undefined {
    if (n > flow.sent || n > follower.mayComeUpTo) return 'strays'
    if (n > follower.highest) {
      const { mustArrive } = follower.expects
      for (let k = Math.max(follower.highest, follower.from) + 1; mustArrive && k < n && k <= follower.owedUpTo; k++)
        follower.gaps.add(k)
      follower.highest = n
      return undefined
    }
    if (follower.gaps.delete(n)) return 'misordered'
    return follower.expects.mayRepeat ? 'repeated' : 'duplicated'
  }

  return {
    tallies,
    begin(name) {
      tallies.sent++
      return ++flowOf(name).sent
    },
    acknowledged(name, n) {
      const flow = flowOf(name)
      flow.acknowledgedAhead.add(n)
      while (flow.acknowledgedAhead.delete(flow.acknowledged + 1)) flow.acknowledged++
    },
    subscribing(session, name, expects) {
      const following = sessions.get(session) ?? new Map<string, Follower>()
      sessions.set(session, following)
      const earlier = following.get(name)
      if (earlier) tallies.lost += missingIn(name, earlier)
      const highest = earlier?.highest ?? 0
      const never = Number.POSITIVE_INFINITY
      following.set(name, { expects, highest, from: never, owedUpTo: never, mayComeUpTo: never, gaps: new Set() })
    },
    granted(session, name) {
      followerOf(session, name).from = flowOf(name).sent
    },
    releasing(session, name) {
      followerOf(session, name).owedUpTo = flowOf(name).acknowledged
    },
    released(session, name) {
      followerOf(session, name).mayComeUpTo = flowOf(name).sent
    },
    received(session, name, n) {
      tallies.received++
      const follower = sessions.get(session)?.get(name)
      const verdict = follower ? judge(follower, flowOf(name), n) : 'strays'
      if (verdict === undefined) return undefined
      tallies[verdict]++
      return verdict === 'repeated' ? undefined : `${verdict}: ${session} received number ${n} of ${name}`
    },
    missingOf: session => sumOf(sessions.get(session), missingIn),
    missing: () => sumOfAll(missingIn),
    overtaken: () => sumOfAll(overtakenOf),
  }
}
