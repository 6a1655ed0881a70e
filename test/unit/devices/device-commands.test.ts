import { expect, test } from 'vitest'
import { type Ack, createDeviceCommands } from '../../../devices/sdk/device-commands.ts'
import type { JsonObject } from '../../../src/protocol/json.ts'

function setUp() {
  const sent: (['report', JsonObject] | ['ack', Ack])[] = []
  const commands = createDeviceCommands({
    report: patch => void sent.push(['report', patch]),
    ack: ack => void sent.push(['ack', ack]),
  })
  const receive = (topic: string, payload: unknown) =>
    commands.received(topic, Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)))
  return { sent, commands, receive }
}

test('a set is handled without its id, reported as accepted, then acknowledged', async () => {
  const { sent, commands, receive } = setUp()
  commands.onSet(async wanted => ({ ...wanted, brightness: 90 }))
  await receive('devices/lamp1/set', { id: '7', on: true, brightness: 100 })
  expect(sent).toEqual([
    ['report', { on: true, brightness: 90 }],
    ['ack', { id: '7', code: 0 }],
  ])
})

test('a handler that throws refuses the set in its own words', async () => {
  const { sent, commands, receive } = setUp()
  commands.onSet(() => {
    throw new Error('the fuse is blown')
  })
  await receive('devices/lamp1/set', { id: '7', on: true })
  expect(sent).toEqual([['ack', { id: '7', code: 2005, msg: 'the fuse is blown' }]])
})

test('a command without id is done and not acknowledged', async () => {
  const { sent, commands, receive } = setUp()
  commands.onSet(wanted => wanted)
  await receive('devices/lamp1/set', { on: true })
  expect(sent).toEqual([['report', { on: true }]])
})

test('an invocation reaches the handler of its action', async () => {
  const { sent, commands, receive } = setUp()
  const inputs: unknown[] = []
  commands.onInvoke('blink', input => void inputs.push(input))
  await receive('devices/lamp1/invoke/blink', { id: '7', input: { times: 2 } })
  await receive('devices/lamp1/invoke/blink', '')
  expect(inputs).toEqual([{ times: 2 }, undefined])
  expect(sent).toEqual([['ack', { id: '7', code: 0 }]])
})

test('what nobody handles is refused', async () => {
  const { sent, receive } = setUp()
  await receive('devices/lamp1/set', { id: '1', on: true })
  await receive('devices/lamp1/invoke/explode', { id: '2' })
  expect(sent).toEqual([
    ['ack', { id: '1', code: 2005, msg: 'nothing can be set' }],
    ['ack', { id: '2', code: 2005, msg: 'no action explode' }],
  ])
})

test.each(['{', '[]', 'null', '5'])('a payload of %s is passed over', async payload => {
  const { sent, commands, receive } = setUp()
  commands.onSet(wanted => wanted)
  await receive('devices/lamp1/set', payload)
  expect(sent).toEqual([])
})
