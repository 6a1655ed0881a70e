import { expect, test } from 'vitest'
import { createEmitter } from '../../../src/broker/emitter.ts'
import { sink, sinkTopic } from '../../../src/broker/sink.ts'

test('of what is sunk nothing is left: not its topic, not its payload, not its retain flag', () => {
  const packet = { topic: 'request/c/auth/login', payload: Buffer.from('secret'), retain: true }
  sink(packet)
  expect(packet).toEqual({ topic: sinkTopic, payload: Buffer.alloc(0), retain: false })
})

test('the emitter passes over what was sunk, whoever listens', () => {
  const emitter = createEmitter()
  const heard: string[] = []
  let done = 0
  for (const topic of [sinkTopic, 'other'])
    emitter.on(topic, (message, next) => {
      heard.push(message.topic)
      next()
    })
  for (const topic of [sinkTopic, 'other']) emitter.emit({ topic }, () => done++)
  expect(heard).toEqual(['other'])
  expect(done).toBe(2)
})
