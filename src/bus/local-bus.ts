import type { Bus } from '../domain/bus.ts'

const told = Promise.resolve()

/** The bus of a process that is the only node: there is nobody to tell. */
export const localBus: Bus = {
  order: () => told,
  follow() {},
  unfollow() {},
  carry: () => undefined,
  start: () => told,
  close: () => told,
}
