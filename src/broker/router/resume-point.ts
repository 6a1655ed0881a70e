import type { SessionQueues } from '../../domain/mqtt-state/session-queues.ts'
import type { GroupCommit } from '../commit/group-commit.ts'

/** Where a connection has taken up a queue: everything before that point came while the session was away. */
export class ResumePoint {
  readonly #clientId: string
  readonly #queues: Pick<SessionQueues, 'lastSeq'>
  readonly #commits: Pick<GroupCommit, 'settled'>
  /** The last number that was given before this connection. */
  #lastSeq = 0
  /** The first number that was given during this connection. */
  #firstSeq = Number.POSITIVE_INFINITY

  constructor(clientId: string, queues: Pick<SessionQueues, 'lastSeq'>, commits: Pick<GroupCommit, 'settled'>) {
    this.#clientId = clientId
    this.#queues = queues
    this.#commits = commits
  }

  /** To be called first. Rejects with a fault of the store. */
  async find(): Promise<void> {
    await this.#commits.settled()
    const last = await this.#queues.lastSeq(this.#clientId)
    await this.#commits.settled() // messages that came while that was being read have told their numbers by now
    this.#lastSeq = Math.min(last, this.#firstSeq - 1)
  }

  /** A message came while the session is connected. */
  came(seq: number): void {
    this.#firstSeq = Math.min(this.#firstSeq, seq)
  }

  isBefore(seq: number): boolean {
    return seq > this.#lastSeq
  }
}
