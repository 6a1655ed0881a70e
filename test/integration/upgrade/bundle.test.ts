import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type * as servicesModule from '../../../miniprogram/app/services/create-services.ts'
import type { SocketLike } from '../../../miniprogram/app/services/platform.ts'
import type * as mqttBundle from '../../../miniprogram/app/vendor/mqtt.d.ts'
import { topics } from '../../../src/protocol/topics.ts'
import { createBareRealm } from '../../support/browser/bare-realm.ts'
import { wechatCode } from '../../support/mqtt-client.ts'
import {
  buildPreviousMiniprogram,
  previousRevisions,
  startOnPreviousFolder,
} from '../../support/processes/previous-folder.ts'
import { connectAsDevice } from '../../support/story.ts'

/** The services of a built package, as a phone runs it, for the WeChat user `user`. */
function openPackage(folder: string, { user, serverUrl, now }: { user: string; serverUrl: string; now: () => number }) {
  const realm = createBareRealm()
  const { createServices } = realm.load(join(folder, 'services/create-services.js')) as typeof servicesModule
  const { connect, textOf } = realm.load(join(folder, 'vendor/mqtt.js')) as typeof mqttBundle
  const { createWxSocket } = realm.load(join(folder, 'platform/wx-socket.js')) as {
    createWxSocket(url: string, protocols: string[]): SocketLike
  }
  const storage = new Map<string, string>()
  const platform = {
    loginCode: async () => wechatCode(user),
    openSocket: createWxSocket,
    storage: {
      get: (key: string) => storage.get(key),
      set: (key: string, text: string) => void storage.set(key, text),
      remove: (key: string) => void storage.delete(key),
    },
    language: () => 'en',
    now,
    random: (length: number) => 'phone-of-the-version-before'.slice(0, length),
  }
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  return createServices({ platform, connect, textOf, md5, serverUrl })
}

describe.each(previousRevisions)('the mini-program of %s', revision => {
  test('signs in by WeChat, lists, switches a lamp and logs out, with this program on its folder', async () => {
    using miniprogram = buildPreviousMiniprogram(revision)
    await using running = await startOnPreviousFolder(revision)
    const { session, devices } = openPackage(miniprogram.folder, {
      user: 'alice',
      serverUrl: running.wsUrl,
      now: running.now,
    })
    onTestFinished(() => session.networkChanged(false))
    expect(await session.start()).toEqual({ next: 'home' })
    expect(session.account).toMatchObject({ username: 'alice' })
    const known = running.known.accounts.find(({ username }) => username === 'alice')
    await expect.poll(() => devices.list).toMatchObject(known?.devices ?? [])

    const [lamp] = running.known.devices
    if (!lamp) throw new Error('no lamp')
    await using device = await connectAsDevice(running, { ...lamp, claimCode: '' })
    await device.subscribe(topics.set(lamp.id), 1)
    await expect.poll(() => devices.get(lamp.id)).toMatchObject({ online: true, state: { on: true } })
    const outcome = devices.set(lamp.id, { on: false })
    const { id, ...wanted } = JSON.parse((await device.message(topics.set(lamp.id))).payload)
    await device.mqtt.publishAsync(topics.ack(lamp.id), JSON.stringify({ id, code: 0 }), { qos: 1 })
    await device.mqtt.publishAsync(topics.state(lamp.id), JSON.stringify(wanted), { qos: 1 })
    expect(await outcome).toEqual({ done: true })
    await expect.poll(() => devices.get(lamp.id)).toMatchObject({ state: { on: false }, pending: [] })
    expect(await session.logOut(false)).toMatchObject({ ok: true })
    expect(session.status).toBe('signed-out')
  })
})
