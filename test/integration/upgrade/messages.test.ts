import { generate } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { isSubset } from '../../../src/protocol/topic-filter.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { connectAnsweringReader } from '../../support/answering-reader.ts'
import { connectClient } from '../../support/mqtt-client.ts'
import { got, publishPacket } from '../../support/packets.ts'
import { previousRevisions, startOnPreviousFolder } from '../../support/processes/previous-folder.ts'

const hears = (filters: readonly string[], topic: string) => filters.some(filter => isSubset(topic, filter))
const ofService = ({ topic }: { topic: string }) => topic.startsWith('app/')
const base64 = ({ topic, payload }: { topic: string; payload: string | Buffer }): [string, string] => [
  topic,
  Buffer.from(payload).toString('base64'),
]
const text = ({ payload }: { payload: string | Buffer }) => payload.toString()

// The data folder of a version before, killed at work, and this program on it: nothing of it is lost.
describe.each(previousRevisions)('on the folder of %s', revision => {
  test('every stored session is there and gets its whole queue in order, then the wills, and goes on hearing', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { sessions, wills, service } = running.known
    for (const session of sessions) {
      using reader = await connectAnsweringReader(running.app.ports.mqtt, session)
      expect(reader.sessionPresent).toBe(true)
      const owedWills = wills.filter(({ topic }) => hears(session.filters, topic)).map(({ payload }) => payload)
      const owed = [...session.owed, ...owedWills]
      expect((await reader.received(owed.length)).map(text)).toEqual(owed)
    }
    const away = sessions.find(({ clientId }) => clientId === 'pipeline-away')
    if (!away) throw new Error('no session of a service')
    using reader = await connectAnsweringReader(running.app.ports.mqtt, away)
    await using writer = await connectClient(running.mqttUrl, { username: 'jwt', password: service.token })
    await writer.mqtt.publishAsync('app/q/new', 'new', { qos: 2 })
    expect((await reader.received(1)).map(text)).toEqual(['new'])
  })

  test('what was in flight comes again under its ids, before the rest, and what was released is not published again', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { inFlight } = running.known
    using reader = await connectAnsweringReader(running.app.ports.mqtt, inFlight)
    expect(reader.sessionPresent).toBe(true)
    const messages = await reader.received(inFlight.owed.length)
    expect(messages.map(text)).toEqual(inFlight.owed)
    for (const message of messages) {
      const before = inFlight.messageIds[text(message)]
      if (before !== undefined) expect(message).toMatchObject({ messageId: before, dup: true })
    }
    await expect.poll(got(reader.packets, 'pubrel', inFlight.releasedId)).toBeDefined()
  })

  test('a message at QoS 2 that was taken before and is released now was delivered once', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { halfSent, sessions, service } = running.known
    const half = sessions.find(({ clientId }) => clientId === 'half-reader')
    if (!half) throw new Error('no session that waits for it')
    const { clientId, messageId, payload } = halfSent
    const credentials = { clientId, username: 'jwt', password: service.token }
    using reader = await connectAnsweringReader(running.app.ports.mqtt, half)
    using writer = await connectAnsweringReader(running.app.ports.mqtt, credentials)
    expect(writer.sessionPresent).toBe(true)
    const release = () => writer.client.send(generate({ cmd: 'pubrel', messageId }))
    release()
    release()
    await expect.poll(() => writer.packets.filter(({ cmd }) => cmd === 'pubcomp').length).toBe(2)
    const [topic = ''] = half.filters
    writer.client.send(publishPacket(topic, 'after it', 1))
    expect((await reader.received(2)).map(text)).toEqual([payload, 'after it'])
  })

  test('every retained message is there, byte by byte, and nothing else', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { retained, service, wills } = running.known
    const all = { ...retained, ...Object.fromEntries(wills.filter(ofService).map(base64)) }
    using reader = await connectAnsweringReader(running.app.ports.mqtt, {
      clientId: 'fresh',
      username: 'jwt',
      password: service.token,
    })
    reader.client.send(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'app/#', qos: 1 }] }))
    const messages = await reader.received(Object.keys(all).length)
    expect(Object.fromEntries(messages.map(({ topic, payload }) => base64({ topic, payload })))).toEqual(all)
  })

  test('the wills of connections that were open are sent', async () => {
    await using running = await startOnPreviousFolder(revision)
    const { wills, sessions } = running.known
    const heard: string[] = []
    for (const session of sessions) {
      using reader = await connectAnsweringReader(running.app.ports.mqtt, session)
      await expect
        .poll(() => reader.messages().filter(({ topic }) => wills.some(will => will.topic === topic)).length)
        .toBe(wills.filter(({ topic }) => hears(session.filters, topic)).length)
      heard.push(...reader.messages().map(text))
    }
    expect(heard).toEqual(expect.arrayContaining(wills.map(({ payload }) => payload)))
  })

  test('a device’s session is there, and it is commanded without subscribing', async () => {
    await using running = await startOnPreviousFolder(revision)
    const [lamp] = running.known.devices
    if (lamp?.id !== 'lamp-1') throw new Error('no lamp')
    using device = await connectAnsweringReader(running.app.ports.mqtt, {
      clientId: lamp.id,
      username: lamp.id,
      password: lamp.secret,
    })
    expect(device.sessionPresent).toBe(true)
    await using service = await connectClient(running.mqttUrl, {
      username: 'jwt',
      password: running.known.service.token,
    })
    await service.mqtt.publishAsync(topics.set('lamp-1'), '{"id":"1","on":false}', { qos: 1 })
    expect((await device.received(1)).map(text)).toEqual(['{"id":"1","on":false}'])
  })
})
