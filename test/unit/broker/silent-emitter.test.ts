import { expect, test } from 'vitest'
import { createSilentEmitter } from '../../../src/broker/engine/silent-emitter.ts'

test('the emitter hands on what Aedes announces, and is done with everything at once', () => {
  const announced: string[] = []
  const emitter = createSilentEmitter(({ topic }) => announced.push(topic))
  let done = 0
  emitter.emit({ topic: '$SYS/x/new/clients', payload: '' }, () => done++)
  emitter.on(
    '#',
    () => expect.unreachable(),
    () => done++,
  )
  emitter.removeListener(
    '#',
    () => {},
    () => done++,
  )
  expect(announced).toEqual(['$SYS/x/new/clients'])
  expect(done).toBe(3)
})
