import { expect, test } from 'vitest'
import { createSilentEmitter } from '../../../src/broker/engine/silent-emitter.ts'
import { sink, sinkTopic } from '../../../src/broker/sink.ts'

test('of what is sunk nothing is left: not its topic, not its payload, not its retain flag', () => {
  const packet = { topic: 'request/c/auth/login', payload: Buffer.from('secret'), retain: true }
  sink(packet)
  expect(packet).toEqual({ topic: sinkTopic, payload: Buffer.alloc(0), retain: false })
})

test('the emitter hands on what Aedes announces, passes over what was sunk, and is done with both at once', () => {
  const announced: string[] = []
  const emitter = createSilentEmitter(({ topic }) => announced.push(topic))
  let done = 0
  for (const topic of [sinkTopic, '$SYS/x/new/clients']) emitter.emit({ topic, payload: '' }, () => done++)
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
  expect(done).toBe(4)
})
