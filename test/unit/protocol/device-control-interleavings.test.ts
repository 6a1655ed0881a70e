import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type CommandOutcome, createDeviceControl } from '../../../src/protocol/device-control.ts'
import type { JsonObject } from '../../../src/protocol/json.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const wish = fc
  .record({ on: fc.boolean(), level: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: [] })
  .filter(wanted => Object.keys(wanted).length > 0)

interface Sent {
  readonly id: string
  readonly wanted: JsonObject
  readonly atMs: number
  readonly outcome: () => CommandOutcome | undefined
  /** The device, or the broker, said yes or no by its id. */
  answer?: 'yes' | 'no'
  /** What was heard of each of its properties last since it was sent. */
  readonly heard: Record<string, unknown>
  /** The same, when it was settled. */
  heardThen?: Record<string, unknown>
}

/** A person's side, and everything that it was told. */
function createWorld() {
  const sent: Sent[] = []
  const reported: JsonObject = {}
  let ids = 0
  const control = createDeviceControl({ publish: () => {}, changed: () => {}, newId: () => `c${++ids}` })

  return {
    control,
    sent,
    reported,
    tap(wanted: JsonObject): Sent {
      let outcome: CommandOutcome | undefined
      void control.set('lamp', wanted).then(settled => {
        outcome = settled
        command.heardThen = { ...command.heard }
      })
      const command: Sent = { id: `c${ids}`, wanted, atMs: Date.now(), outcome: () => outcome, heard: {} }
      sent.push(command)
      return command
    },
    report(patch: JsonObject): void {
      Object.assign(reported, patch)
      for (const { heard } of sent) Object.assign(heard, patch)
      control.received('devices/lamp/state', JSON.stringify(patch), false)
    },
    answer(command: Sent, answer: 'yes' | 'no', topic = 'devices/lamp/ack'): void {
      if (Date.now() - command.atMs < 3000) command.answer ??= answer
      control.received(topic, JSON.stringify({ id: command.id, code: answer === 'yes' ? 0 : 2005, msg: 'no' }), false)
    },
    /** The newest command of each property. */
    newest: () => new Map(sent.flatMap(command => Object.keys(command.wanted).map(name => [name, command] as const))),
  }
}

/** Lets promises settle, and time pass. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test.each(['report, then ack', 'ack, then report', 'report', 'ack on receipt, report when done'] as const)(
  'a device that does everything in order shows at every moment what was tapped last, and settles it as done (%s)',
  async style => {
    const step = fc.oneof(
      fc.record({ tap: wish }),
      fc.constant({ hear: true } as const),
      fc.record({ wait: fc.integer({ min: 0, max: 500 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const { control, sent, tap, report, answer, newest } = createWorld()
        const messages: (() => void)[] = []
        const doIt = (command: Sent) => {
          const says = () => report(command.wanted)
          const acks = () => answer(command, 'yes')
          if (style === 'report') messages.push(says)
          else if (style === 'report, then ack') messages.push(says, acks)
          else if (style === 'ack, then report') messages.push(acks, says)
          else {
            messages.unshift(acks)
            messages.push(says)
          }
        }
        const check = () => {
          const state = control.state('lamp')
          for (const [name, command] of newest()) expect(state[name]).toBe(command.wanted[name])
        }
        let spentMs = 0
        for (const one of steps) {
          if ('tap' in one) doIt(tap(one.tap))
          else if ('hear' in one) messages.shift()?.()
          else if (spentMs + one.wait < 2900) {
            spentMs += one.wait
            await pass(one.wait)
          }
          check()
        }
        while (messages.length > 0) {
          messages.shift()?.()
          check()
        }
        await pass(0)
        check()
        for (const command of newest().values()) expect(command.outcome()).toEqual({ done: true })
        for (const command of sent) expect(command.outcome()).toBeDefined()
        expect(control.pending('lamp')).toEqual([])
        await pass(3000)
        check()
        expect(vi.getTimerCount()).toBe(0)
      }),
      { numRuns: 150 },
    )
  },
)

test('whatever is lost, late, refused or out of order: no older wish is shown, only the newest is lost, and in the end the device is believed', async () => {
  const index = fc.nat({ max: 9 })
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ tap: wish }) },
    { weight: 3, arbitrary: fc.record({ report: index }) },
    { weight: 3, arbitrary: fc.record({ yes: index }) },
    { weight: 1, arbitrary: fc.record({ no: index }) },
    { weight: 1, arbitrary: fc.record({ denied: index }) },
    { weight: 1, arbitrary: fc.record({ byItself: wish }) },
    { weight: 3, arbitrary: fc.record({ wait: fc.integer({ min: 0, max: 1500 }) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async steps => {
      const { control, sent, reported, tap, report, answer, newest } = createWorld()
      /** An id may come in any order, from far back too. */
      const at = (position: number) => sent[sent.length - 1 - position]
      const acked: Record<string, unknown> = {}

      const check = () => {
        const state = control.state('lamp')
        for (const [name, command] of newest()) {
          const { wanted, outcome, answer: answered } = command
          if (!outcome()) expect(state[name]).toBe(wanted[name])
          // Otherwise it is the wish that was done, or the device's own word.
          else
            expect([reported[name], acked[name], ...(answered === 'yes' ? [wanted[name]] : [])]).toContain(state[name])
        }
        const unanswered = [...newest()].filter(([, { outcome }]) => !outcome()).map(([name]) => name)
        expect(new Set(control.pending('lamp'))).toEqual(new Set(unanswered))
      }

      for (const one of steps) {
        if ('tap' in one) tap(one.tap)
        else if ('report' in one) {
          const command = at(one.report)
          if (command) report(command.wanted)
        } else if ('byItself' in one) report(one.byItself)
        else if ('wait' in one) await pass(one.wait)
        else {
          const position = 'yes' in one ? one.yes : 'no' in one ? one.no : one.denied
          const command = at(position)
          if (command && 'yes' in one) {
            answer(command, 'yes')
            const isNewestDone = (name: string) =>
              !sent.slice(sent.length - position).some(({ wanted, answer: said }) => said === 'yes' && name in wanted)
            for (const name of Object.keys(command.wanted)) if (isNewestDone(name)) acked[name] = command.wanted[name]
          } else if (command) answer(command, 'no', 'denied' in one ? 'notify/me/denied' : 'devices/lamp/ack')
        }
        await pass(0)
        check()
      }
      await pass(3000)
      check()

      sent.forEach((command, position) => {
        const outcome = command.outcome()
        const later = sent.slice(position + 1)
        const isCovered = Object.keys(command.wanted).every(name => later.some(({ wanted }) => name in wanted))
        if (!outcome) throw new Error('a command was never settled')
        if ('replaced' in outcome) expect(isCovered).toBe(true)
        else if (outcome.done) {
          const own = Object.keys(command.wanted).filter(name => !later.some(({ wanted }) => name in wanted))
          const isReported = own.every(name => command.heardThen?.[name] === command.wanted[name])
          expect(command.answer === 'yes' || isReported).toBe(true)
        } else if (outcome.code === undefined) expect(command.answer).toBeUndefined()
        else expect(command.answer).toBe('no')
      })
      expect(vi.getTimerCount()).toBe(0)

      // Nothing is awaited any more: every word of the device is shown as it is.
      report({ on: true, level: 1 })
      expect(control.state('lamp')).toEqual({ on: true, level: 1 })
      expect(control.pending('lamp')).toEqual([])
    }),
    { numRuns: 500 },
  )
})
