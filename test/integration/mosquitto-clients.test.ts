import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { topics } from '../../src/protocol/topics.ts'
import { connectClient } from '../support/mqtt-client.ts'
import { startApp } from '../support/start-app.ts'
import { addDevice, registerUser, serviceToken } from '../support/story.ts'

const installed = spawnSync('mosquitto_pub', ['--help']).error === undefined
if (!installed)
  console.warn('mosquitto_pub is not installed (Debian: mosquitto-clients): clients nobody here wrote are not tested')

/** Runs a Mosquitto client to its end. */
function run(program: string, args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args)
  let output = ''
  child.stdout.on('data', text => (output += text))
  child.stderr.on('data', text => (output += text))
  return new Promise(resolve => child.once('close', code => resolve({ code, output })))
}

/** Starts `mosquitto_sub -d` and resolves once it has subscribed; `lines` resolves with what it received. */
async function subscribe(args: string[]): Promise<{ lines: Promise<string[]> }> {
  const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', '-d', '-W', '10', '-F', '%t %p', ...args])
  const lines: string[] = []
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  await new Promise<void>(resolve => {
    createInterface({ input: child.stdout }).on('line', line => {
      lines.push(line)
      if (line.includes('Subscribed')) resolve()
    })
    void ended.then(resolve)
  })
  return { lines: ended.then(() => lines) }
}

test.skipIf(!installed)(
  'mosquitto_pub is a device and mosquitto_sub a user who follows it; a stranger is refused',
  async () => {
    await using running = await startApp()
    const device = await addDevice(running, 'lamp', 'lamp-1')
    const { client, token } = await registerUser(running, 'alice')
    await client.request('device/claim', { deviceId: 'lamp-1', code: device.claimCode })
    const where = ['-h', '127.0.0.1', '-p', String(running.app.ports.mqtt), '-V', '311']
    const asDevice = [...where, '-i', device.id, '-u', device.id, '-P', device.secret]
    const asUser = [...where, '-i', 'mosquitto-user', '-u', 'jwt', '-P', token]

    const user = await subscribe([...asUser, '-C', '1', '-q', '1', '-t', 'devices/+/state'])
    expect(
      await run('mosquitto_pub', [...asDevice, '-q', '1', '-t', topics.state('lamp-1'), '-m', '{"on":true}']),
    ).toMatchObject({ code: 0 })
    expect(await user.lines).toContain('devices/lamp-1/state {"on":true}')

    const lamp = await subscribe([...asDevice, '-C', '1', '-q', '1', '-t', topics.set('lamp-1')])
    expect(
      await run('mosquitto_pub', [...asUser, '-q', '1', '-t', topics.set('lamp-1'), '-m', '{"id":"7","on":false}']),
    ).toMatchObject({ code: 0 })
    expect(await lamp.lines).toContain('devices/lamp-1/set {"id":"7","on":false}')

    const wrong = await run('mosquitto_pub', [
      ...where,
      '-i',
      device.id,
      '-u',
      device.id,
      '-P',
      'wrong',
      '-t',
      topics.state('lamp-1'),
      '-m',
      '{}',
    ])
    expect(wrong.output).toMatch(/bad user name or password/i)
    const stranger = await run('mosquitto_sub', [...where, '-i', 'guest', '-W', '5', '-t', 'devices/#'])
    expect(stranger.output).toMatch(/denied|refused|not authori[sz]ed/i)
    await client[Symbol.asyncDispose]()
  },
)

test.skipIf(!installed)(
  'the clients of Mosquitto speak MQTT 5: properties, a session that stays, a request and its answer, and why not',
  async () => {
    await using running = await startApp()
    const token = await serviceToken(running)
    const where = ['-h', '127.0.0.1', '-p', String(running.app.ports.mqtt), '-V', 'mqttv5']
    const as = (clientId: string) => [...where, '-i', clientId, '-u', 'jwt', '-P', token]

    const reader = [...as('reader'), '-c', '-x', '100', '-q', '1', '-t', 'app/news/#', '-F', '%t %p %C %D %R %P']
    const first = await subscribe([...reader, '-C', '1', '-D', 'subscribe', 'subscription-identifier', '300'])
    const publish = (payload: string) =>
      run('mosquitto_pub', [
        ...[...as('writer'), '-q', '1', '-t', 'app/news/today', '-m', payload],
        ...['-D', 'publish', 'content-type', 'text/plain', '-D', 'publish', 'response-topic', 'app/answers'],
        ...['-D', 'publish', 'correlation-data', 'c-1', '-D', 'publish', 'user-property', 'unit', 'lux'],
        ...['-D', 'publish', 'payload-format-indicator', '1', '-D', 'publish', 'message-expiry-interval', '1000'],
      ])
    expect(await publish('1')).toMatchObject({ code: 0 })
    expect(await first.lines).toContain('app/news/today 1 text/plain c-1 app/answers unit:lux')
    expect(await publish('2')).toMatchObject({ code: 0 }) // while it is away
    const again = await subscribe([...reader, '-C', '1'])
    expect(await again.lines).toContain('app/news/today 2 text/plain c-1 app/answers unit:lux')

    await using answering = await connectClient(running.mqttUrl, {
      username: 'jwt',
      password: token,
      protocolVersion: 5,
    })
    answering.mqtt.on('message', (_topic, payload, { properties }) => {
      const { responseTopic = '', correlationData } = properties ?? {}
      answering.mqtt.publish(responseTopic, `${payload}!`, {
        qos: 1,
        properties: { ...(correlationData && { correlationData }) },
      })
    })
    await answering.subscribe('app/questions', 1)
    const question = ['-q', '1', '-t', 'app/questions', '-e', 'app/answers/asker', '-m', 'how', '-W', '10']
    expect(await run('mosquitto_rr', [...as('asker'), ...question])).toEqual({ code: 0, output: 'how!\n' })

    const refused = await run('mosquitto_pub', [...as('writer'), '-d', '-q', '1', '-t', 'devices/x/set', '-m', '{}'])
    expect(refused.output).toMatch(/RC:135/)
    const wrong = await run('mosquitto_pub', [...where, '-i', 'x', '-u', 'jwt', '-P', 'x', '-t', 'app/a', '-m', '{}'])
    expect(wrong.output).toMatch(/bad user ?name or password|not authori[sz]ed/i)
  },
)
