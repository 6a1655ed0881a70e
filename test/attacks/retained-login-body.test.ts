import { expect, test } from 'vitest'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { topics } from '../../src/protocol/topics.ts'
import { storeWith } from '../support/gated-store.ts'
import { createMemoryStore } from '../support/in-memory.ts'
import { connectGuest, connectWithToken, wechatCode } from '../support/mqtt-client.ts'
import { retainedOf } from '../support/retained-of.ts'
import { startApp } from '../support/start-app.ts'
import { operatorToken, password, registerUser } from '../support/story.ts'

test('a login body reaches no subscriber and is never retained, whatever its flags', async () => {
  const mqttStore = createMemoryStore()
  await using running = await startApp({ mqttStore })
  await using operator = await connectWithToken(running.wsUrl, await operatorToken(running))
  for (const filter of ['devices/#', 'ops/#', '$SYS/#']) expect(await operator.subscribe(filter)).toBe(0)
  await using guest = await connectGuest(running.wsUrl)
  const body = JSON.stringify({ username: 'alice', password, code: wechatCode('alice') })
  await guest.mqtt.publishAsync(topics.request(guest.id, 'auth/register'), body, { qos: 1 })
  await guest.message(topics.reply(guest.id, 'auth/register'))
  await guest.mqtt.publishAsync(topics.request(guest.id, 'auth/register'), body, { qos: 1, retain: true })
  await guest.message(topics.notify(guest.id, 'denied'))
  const retained = await retainedOf(mqttStore)
  expect(JSON.stringify([retained, operator.received])).not.toContain(password)
})

test('the body of a request is handed neither to the store nor to anyone, at QoS 2 either', async () => {
  const seen: string[] = []
  const mqttStore = storeWith(inner => ({
    commit(batch) {
      for (const write of batch) {
        seen.push(write.kind)
        const messages = write.kind === 'message' ? [write.retained, ...(write.queued ?? [])] : []
        for (const one of messages) if (one) seen.push(one.message.topic, String(one.message.payload))
      }
      return inner.commit(batch)
    },
  }))
  await using running = await startApp({ mqttStore })
  const { client: first, token } = await registerUser(running, 'alice')
  const client = await connectWithToken(running.wsUrl, token, { clientId: 'phone', clean: false })
  await client.subscribe('reply/phone/#')
  const body = JSON.stringify({ current: password, next: passwordDigest('battery staple') })
  await client.mqtt.publishAsync(topics.request(client.id, 'auth/password'), body, { qos: 2 })
  expect(JSON.parse((await client.message(topics.reply(client.id, 'auth/password'))).payload).code).toBe(0)
  expect(seen).toContain('begun')
  expect(seen.filter(text => text.includes(password) || text.startsWith('request/'))).toEqual([])
  await Promise.all([client[Symbol.asyncDispose](), first[Symbol.asyncDispose]()])
})
