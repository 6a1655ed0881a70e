import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { connectGuest, connectWithToken } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, connectAsDevice, ownerOf, registerUser } from '../support/story.ts'

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']

test.each(names)(
  '%s is a name like any: of a client, a user, a device, a property; and of no operation',
  async name => {
    await using running = await startApp()
    const { device, client: owner } = await ownerOf(running, name, 'lamp')
    const { client: user, token } = await registerUser(running, name)
    await using asUser = await connectWithToken(running.wsUrl, token, { clientId: `${name}-1` })
    expect((await asUser.request('account/me')).data).toMatchObject({ username: name, role: 'user' })
    expect(await asUser.subscribe(`devices/${name}/#`)).toBe(128)
    expect((await asUser.request('device/rename', { deviceId: name, name: 'mine' })).code).toBe(2001)

    await using guest = await connectGuest(running.wsUrl, { clientId: `${name}.g` })
    for (const operation of [name, `device/${name}`, `${name}/${name}`])
      expect((await guest.request(operation)).code, operation).toBe(4004)

    await owner.subscribe('devices/+/state')
    await using lamp = await connectAsDevice(running, device)
    await lamp.mqtt.publishAsync(topics.state(name), `{"${name}":{"polluted":true},"on":true}`, { qos: 1 })
    await owner.message(topics.state(name))
    await owner.request('device/rename', JSON.parse(`{"deviceId":"${name}","name":"Lamp","${name}":{"polluted":true}}`))
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(await running.admin.provisioning.addDevice({ type: name, id: 'other' })).toBeTypeOf('string')
    await addDevice(running, 'lamp', 'other') // and everything goes on
    for (const one of [owner, user]) await one[Symbol.asyncDispose]()
  },
)
