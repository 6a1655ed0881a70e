import type { Bus } from '../domain/bus.ts'
import type { AllEvents } from '../domain/events.ts'
import type { Obeyed, OrderKind, OrderKinds, Orders } from '../domain/orders.ts'

/** {@link Orders}, and how those of other nodes come in. */
export interface OrdersOnBus extends Orders {
  /** Obeys what was given on another node, where it is announced. */
  obeyHere<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): void
}

/** An order is announced on the node that gives it, and obeyed on all. */
export function createOrders(events: AllEvents, bus: Pick<Bus, 'order'>): OrdersOnBus {
  const all: Obeyed[] = []

  function obeyHere<Kind extends OrderKind>(kind: Kind, order: OrderKinds[Kind]): void {
    for (const { [kind]: act } of all) {
      try {
        act?.(order)
      } catch (cause) {
        events.emit('fault', { where: `obeying ${kind}`, cause })
      }
    }
  }

  return {
    give(kind, order) {
      events.emit(kind, order)
      obeyHere(kind, order)
      return bus.order(kind, order)
    },
    obey: obeyed => void all.push(obeyed),
    obeyHere,
  }
}
