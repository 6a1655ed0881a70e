import type { SessionSubscription } from '../sessions/session.ts'

/** The members of a shared subscription: each message comes to one of them. They take turns. */
export class SharedGroup {
  /** As its members subscribe to it: `$share/{group}/{filter}`. */
  readonly filter: string
  readonly #members: SessionSubscription[] = []
  /** Whose turn is next. */
  #next = 0

  constructor(filter: string) {
    this.filter = filter
  }

  get isEmpty(): boolean {
    return this.#members.length === 0
  }

  add(member: SessionSubscription): void {
    this.#members.push(member)
  }

  remove(member: SessionSubscription): void {
    const at = this.#members.indexOf(member)
    if (at === -1) return
    this.#members.splice(at, 1)
    if (at < this.#next) this.#next--
  }

  /** The first member that `may`, from the one whose turn it is; its turn is over then. */
  take(may: (member: SessionSubscription) => boolean): SessionSubscription | undefined {
    const count = this.#members.length
    for (let tried = 0; tried < count; tried++) {
      const at = (this.#next + tried) % count
      const member = this.#members[at]
      if (!member || !may(member)) continue
      this.#next = at + 1
      return member
    }
    return undefined
  }
}
