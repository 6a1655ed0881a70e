import { createSubscriptionIndex } from '../../src/broker/sessions/subscription-index.ts'
import type { Bus, BusListener } from '../../src/domain/bus.ts'
import type { Message } from '../../src/domain/message.ts'

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

/** A second implementation of the bus's port: between nodes of one process, and every answer comes later than the turn in which it was asked for. */
export interface AsynchronousBus {
  /** The bus as one more node has it. */
  join(): Bus
  /** Topics of the messages that went from one node to another. */
  readonly carried: readonly string[]
  /** Holds everything back that is told from now on; calling what is returned lets it go. */
  hold(): () => void
}

export function createAsynchronousBus(): AsynchronousBus {
  const listeners = new Map<Bus, BusListener>()
  const interest = createSubscriptionIndex<Bus>()
  const carried: string[] = []
  let held: Promise<unknown> = Promise.resolve()

  /** What one node tells is heard in its order. */
  function createNode(): Bus {
    let last = Promise.resolve()
    const later = (tell: () => void): Promise<void> => {
      const gate = held
      last = last
        .then(() => gate)
        .then(nextTurn)
        .then(tell)
        .then(nextTurn)
      return last
    }
    const others = () => [...listeners].filter(([other]) => other !== node)
    const node: Bus = {
      order: (kind, order) =>
        later(() => {
          for (const [, listener] of others()) listener.obey(kind, structuredClone(order))
        }),
      follow: filter => void interest.add(filter, node),
      unfollow: filter => void interest.remove(filter, node),
      carry(message: Message) {
        const readers = new Set(interest.match(message.topic).filter(other => other !== node))
        if (readers.size === 0) return undefined
        carried.push(message.topic)
        return later(() => {
          for (const [other, listener] of others()) if (readers.has(other)) listener.deliver({ ...message })
        })
      },
      async start(listener) {
        listeners.set(node, listener)
      },
      async close() {
        listeners.delete(node)
      },
    }
    return node
  }

  return {
    join: createNode,
    carried,
    hold() {
      let release = () => {}
      held = new Promise<void>(resolve => {
        release = resolve
      })
      return release
    },
  }
}
