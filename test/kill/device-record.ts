/** What is known of one device: what it reported, whose it is, and who may have seen what. Its reports are numbered from 1, over all its owners. */
export interface DeviceRecord {
  readonly id: string
  /** Its state is never older than this report; 0 while nothing is owed. */
  readonly floor: number
  /** Reports that were acknowledged. */
  readonly acknowledged: number
  /** Claims that were done. */
  readonly claims: number
  readonly owner: string | undefined
  /** Numbers a report that is sent now. */
  send(): { readonly n: number; acknowledge(): void }
  claimSent(user: string): void
  releaseSent(): void
  /** Ends the doubt about what was sent. */
  settle(isDone: boolean): void
  /** Whether `user` must see the device in its list, must not, or nobody can know: undefined. */
  belongsTo(user: string): boolean | undefined
  /** Ends the doubt by what the list of `user` says. */
  settleBy(user: string, isListed: boolean): void
  /** Notes every report that a state seen by `user` is made of. */
  sawState(user: string, state: unknown): void
  /** What users saw that was reported while the device was not theirs. */
  leaks(): string[]
}

/** What a user may see: reports after one number, up to another. */
interface Tenure {
  readonly user: string
  readonly after: number
  upTo: number
}

/**
 * A tenure begins at the release before it. What is under way while a release is asked for may belong to either side: it is neither owed nor
 * a leak.
 */
export function createDeviceRecord(id: string): DeviceRecord {
  const tenures: Tenure[] = []
  const seen: { readonly user: string; readonly n: number }[] = []
  let doubt: { readonly kind: 'claim' | 'release'; readonly user: string } | undefined
  let owner: string | undefined
  let sent = 0
  let last = 0
  let acknowledged = 0
  let claims = 0
  let floor = 0
  let after = 0
  /** Odd while a release is asked for. */
  let era = 0

  function certain(): void {
    if (doubt) throw new Error(`the connection of ${doubt.user} ended although the broker lives`)
  }

  function settle(isDone: boolean): void {
    const tenure = tenures.at(-1)
    if (!doubt || !tenure) throw new Error(`nothing is in doubt about ${id}`)
    if (doubt.kind === 'claim') {
      if (isDone) {
        owner = doubt.user
        claims++
      } else tenures.pop()
    } else {
      era++
      if (isDone) {
        owner = undefined
        tenure.upTo = sent
      }
    }
    doubt = undefined
  }

  return {
    id,
    get floor() {
      return floor
    },
    get acknowledged() {
      return acknowledged
    },
    get claims() {
      return claims
    },
    get owner() {
      return owner
    },
    send() {
      const n = ++sent
      const sentIn = era
      return {
        n,
        acknowledge() {
          acknowledged++
          last = n
          if (sentIn === era && era % 2 === 0) floor = n
        },
      }
    },
    claimSent(user) {
      certain()
      doubt = { kind: 'claim', user }
      tenures.push({ user, after, upTo: Number.POSITIVE_INFINITY })
    },
    releaseSent() {
      certain()
      doubt = { kind: 'release', user: owner ?? '' }
      era++
      floor = 0
      after = last
    },
    settle,
    belongsTo: user => (doubt?.user === user ? undefined : owner === user),
    settleBy(user, isListed) {
      if (doubt?.user === user) settle(isListed === (doubt.kind === 'claim'))
    },
    sawState(user, state) {
      for (const n of Object.values(Object(state))) if (typeof n === 'number') seen.push({ user, n })
    },
    leaks: () =>
      seen
        .filter(({ user, n }) => !tenures.some(one => one.user === user && one.after < n && n <= one.upTo))
        .map(({ user, n }) => `${user} saw report ${n} of ${id}`),
  }
}
