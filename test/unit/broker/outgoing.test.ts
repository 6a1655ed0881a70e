import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Outgoing } from '../../../src/broker/transport/outgoing.ts'

test('what is neither text nor bytes is refused at once, and the rest is sent', async () => {
  const sent: string[] = []
  const outgoing = new Outgoing(bytes => sent.push(bytes.toString()))
  outgoing.add(Buffer.from('a'))
  expect(() => Reflect.apply(outgoing.add, outgoing, [undefined])).toThrow(TypeError)
  outgoing.add('b')
  await setImmediate()
  expect(sent).toEqual(['ab'])
})
