import type { Message } from './message.ts'
import type { OrderKind, OrderKinds } from './orders.ts'

/** What a node receives from the others. */
export interface BusListener {
  /** An order that was given elsewhere. Has been obeyed when it returns. */
  obey<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): void
  /** A message that was published elsewhere, for the live sessions of this node. Has been taken when it returns. */
  deliver(message: Message): void
}

/**
 * What nodes tell each other. Stored sessions get their messages from the store. The bus carries orders, and messages for sessions that live only in a
 * node's memory.
 */
export interface Bus {
  /** Resolves when every other node has obeyed the order, and those before it, or can deliver nothing any more. Never rejects. */
  order<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): Promise<void>
  /** This node has its first reader of a filter: matching messages that are published elsewhere must come here. */
  follow(filter: string): void
  /** The last reader of a filter is gone. */
  unfollow(filter: string): void
  /**
   * Hands a message to the nodes that follow its topic. Resolves when each has taken it, or has ended; undefined when there is nothing to wait for. Never
   * rejects.
   */
  carry(message: Message): Promise<void> | undefined
  /** Begins to receive from the others. Once, before the first connection. */
  start(listener: BusListener): Promise<void>
  close(): Promise<void>
}
