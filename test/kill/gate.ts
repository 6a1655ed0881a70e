import { until } from './until.ts'

/** Where all devices are held before the same step, so that a kill comes in the middle of it. */
export interface Gate<Step extends string> {
  /** Waits as long as this step is held. */
  pass(step: Step): Promise<void>
  /** Says that a step is done. */
  passed(step: Step): void
  /** Holds a step until `count` wait for it, lets them all go, and resolves when the first of them has done it. */
  rush(step: Step, count: number): Promise<void>
}

/** One step is held at a time. Rejects when they do not come within a minute. */
export function createGate<Step extends string>(): Gate<Step> {
  const waiting = new Set<() => void>()
  let held: Step | undefined
  let awaited: { readonly step: Step; readonly done: () => void } | undefined

  return {
    async pass(step) {
      if (step === held) await new Promise<void>(resolve => waiting.add(resolve))
    },
    passed(step) {
      if (step === awaited?.step) awaited.done()
    },
    async rush(step, count) {
      held = step
      if (!(await until(() => waiting.size === count)))
        throw new Error(`only ${waiting.size} of ${count} came to ${step}`)
      const first = new Promise<void>(done => {
        awaited = { step, done }
      })
      held = undefined
      for (const go of waiting) go()
      waiting.clear()
      await first
      awaited = undefined
    },
  }
}
