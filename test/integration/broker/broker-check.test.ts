import { expect, test } from 'vitest'
import { startBroker } from '../../support/start-broker.ts'

test('the broker says whether it passes messages on: until it is closed', async () => {
  const running = await startBroker()
  await expect(running.broker.check()).resolves.toBeUndefined()
  await running[Symbol.asyncDispose]()
  await expect(running.broker.check()).rejects.toThrow('closed')
})
