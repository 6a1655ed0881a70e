import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type LatchkeyProcess, startLatchkey } from '../../scripts/tour/latchkey-process.ts'
import { passwordDigest } from '../../src/accounts/passwords/password-digest.ts'
import { topics } from '../../src/protocol/topics.ts'
import { startBareBroker } from '../integration/devices/bare-broker.ts'
import { refusals, senseless } from '../support/abuse/senseless-commands.ts'
import { connectGuest, connectWithToken, type TestClient, wechatCode } from '../support/mqtt-client.ts'
import { type CuttableProxy, startCuttableProxy } from '../support/network/cuttable-proxy.ts'
import { hasOpenssl, selfSigned } from '../support/network/self-signed.ts'
import { type FirmwareSettings, firmwares, startFirmware } from '../support/processes/firmware-program.ts'

const folder = await mkdtemp(join(tmpdir(), 'latchkey-firmware-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
const newFolder = () => mkdtemp(join(folder, 'run-'))
const buildDeadlineMs = 300_000
/** A lamp that was refused leaves the broker in peace for at least so long. */
const leastPeaceSeconds = 120

const seconds = () => Math.floor(Date.now() / 1000)
const portOf = ({ url }: { readonly url: string }) => Number(new URL(url).port)

if (!hasOpenssl) console.warn('the lamps are not tested over TLS: install openssl')

interface Broker {
  process: LatchkeyProcess
  readonly dataDir: string
  readonly proxy: CuttableProxy
}

/** The built program, and a way to it that can be cut. */
async function startBroker(extra = {}): Promise<Broker> {
  const dataDir = await newFolder()
  const process = await startLatchkey(dataDir, { LATCHKEY_LOCALE: 'en', ...extra })
  const broker = { process, dataDir, proxy: await startCuttableProxy(process.ports.mqtt) }
  onTestFinished(async () => {
    await broker.proxy[Symbol.asyncDispose]()
    await broker.process.stop()
  })
  return broker
}

async function productSecret({ process }: Broker): Promise<string> {
  const { secret = '' } = await process.run(['product', 'enable', 'lamp'])
  return secret
}

/** A user who owns the lamp and hears everything of it, commands included. */
async function ownerOf({ process }: Broker, deviceId: string, code: string): Promise<TestClient> {
  const owner = await connectGuest(process.wsUrl)
  onTestFinished(() => owner[Symbol.asyncDispose]())
  const account = { username: 'ann', password: passwordDigest('correct horse'), code: wechatCode('ann') }
  expect(await owner.request('auth/register', account)).toMatchObject({ code: 0 })
  expect(await owner.request('device/claim', { deviceId, code })).toMatchObject({ code: 0 })
  await owner.subscribe('devices/+/#', 1)
  return owner
}

const send = (owner: TestClient, topic: string, command: unknown) =>
  owner.mqtt.publish(topic, JSON.stringify(command), { qos: 1 })

const ackOf = async (owner: TestClient, deviceId: string, id: string): Promise<unknown> =>
  JSON.parse((await owner.message(topics.ack(deviceId), ({ payload }) => JSON.parse(payload).id === id)).payload)

/** Every state that was reported live, in order. */
const reports = (owner: TestClient, deviceId: string): unknown[] =>
  owner.received
    .filter(({ topic, retain }) => topic === topics.state(deviceId) && !retain)
    .map(({ payload }) => JSON.parse(payload))

for (const firmware of firmwares) {
  if (firmware.missing) console.warn(`the lamp ${firmware.name} is not tested: install ${firmware.missing}`)
}

describe.each(firmwares)('the lamp $name', ({ missing, isBoard, store, build }) => {
  let launch: Awaited<ReturnType<typeof build>>
  beforeAll(async () => {
    if (!missing) launch = await build(folder)
  }, buildDeadlineMs)

  const start = async (settings: FirmwareSettings) => startFirmware(await launch(settings))

  test.skipIf(missing)(
    'whose button is held is added again by its label, without an operator, when nobody has it, and says so when somebody has',
    async () => {
      const broker = await startBroker()
      const settings = { port: broker.proxy.port, folder: await newFolder(), serial: 'SN9' }
      const lamp = await start({ ...settings, productSecret: await productSecret(broker) })
      const [, deviceId = '', code = ''] = await lamp.line(/^enrolled as (\S+), claim code (\S+)$/)
      await lamp.line(/^connected as lamp-SN9$/)
      const owner = await ownerOf(broker, deviceId, code)
      const held = join(settings.folder, 'held')
      const hold = () => (isBoard ? writeFile(held, '') : lamp.hold())
      await hold()
      await lamp.line(/^cannot be added: .* \(2003\)$/)
      if (isBoard) await rm(held)
      expect(await owner.request('device/release', { deviceId })).toMatchObject({ code: 0 })
      expect(await owner.request('device/claim', { deviceId, code })).toMatchObject({ code: 2002 })
      const before = lamp.lines.length
      if (isBoard) lamp.type('O')
      else await hold()
      await lamp.line(/^the code of the label is valid for two minutes$/, before)
      expect(await owner.request('device/claim', { deviceId, code })).toMatchObject({ code: 0 })
      expect(await lamp.end()).toBe(isBoard ? null : 0)
    },
  )

  test.skipIf(missing)(
    'enrolls, is claimed and obeys; after a cut, a restart of the broker and its own it is back',
    async () => {
      const broker = await startBroker()
      const settings = { port: broker.proxy.port, folder: await newFolder(), serial: 'SN1' }
      const first = await start({ ...settings, productSecret: await productSecret(broker) })
      const [, deviceId = '', claimCode = ''] = await first.line(/^enrolled as (\S+), claim code (\S+)$/)
      expect(deviceId).toBe('lamp-SN1')
      await first.line(/^connected as lamp-SN1$/)
      if (!isBoard) expect((await stat(join(settings.folder, store))).mode & 0o777).toBe(0o600)

      const owner = await ownerOf(broker, deviceId, claimCode)
      const whole = { on: false, brightness: 80, colorTemperature: 4000 }
      expect(JSON.parse((await owner.message(topics.state(deviceId))).payload)).toEqual(whole)

      send(owner, topics.set(deviceId), { id: '1', on: true, brightness: 40 })
      expect(await ackOf(owner, deviceId, '1')).toEqual({ id: '1', code: 0 })
      expect(reports(owner, deviceId)).toEqual([{ on: true, brightness: 40 }]) // before its ack
      await first.line(/^lamp on at 40 %, 4000 K$/)

      const oddId = 'é"\\\u0001/😀'
      send(owner, topics.invoke(deviceId, 'blink'), { id: oddId, input: { times: 1 } })
      expect(await ackOf(owner, deviceId, oddId)).toEqual({ id: oddId, code: 0 })
      await expect.poll(() => reports(owner, deviceId).slice(1)).toEqual([{ on: false }, { on: true }])

      let seen = first.lines.length
      broker.proxy.cut()
      await first.line(/next attempt in \d+ s$/, seen)
      await first.line(/^connected as/, seen)
      // Its report comes behind its SUBSCRIBE, without which the command would reach nobody.
      await expect.poll(() => reports(owner, deviceId).at(-1)).toEqual({ ...whole, on: true, brightness: 40 })
      send(owner, topics.set(deviceId), { id: '2', brightness: 50 })
      expect(await ackOf(owner, deviceId, '2')).toMatchObject({ code: 0 })
      expect(reports(owner, deviceId).slice(-2)).toEqual([{ ...whole, on: true, brightness: 40 }, { brightness: 50 }])

      seen = first.lines.length
      const { data: token } = await owner.request('auth/refresh')
      expect(await broker.process.stop()).toBe(0)
      broker.process = await startLatchkey(broker.dataDir)
      broker.proxy.target = broker.process.ports.mqtt
      await first.line(/^connected as/, seen)
      const again = await connectWithToken(broker.process.wsUrl, token)
      onTestFinished(() => again[Symbol.asyncDispose]())
      await again.subscribe('devices/+/#', 1)
      send(again, topics.set(deviceId), { id: '3', on: false })
      expect(await ackOf(again, deviceId, '3')).toMatchObject({ code: 0 })

      await first.end()
      const second = await start(settings) // knows no product secret any more
      await second.line(/^connected as lamp-SN1$/)
      expect(second.lines.join('\n')).not.toContain('enrolled')
    },
  )

  test.skipIf(missing)(
    'a wrong product secret, or an enrolled serial, is told, and leaves the broker in peace',
    async () => {
      const broker = await startBroker()
      const right = await productSecret(broker)
      const settings = { port: broker.proxy.port, serial: 'SN2' }
      const wrong = await start({ ...settings, folder: await newFolder(), productSecret: `${right.slice(0, -1)}x` })
      const [, refused] = await wrong.line(/refused with 4003 .*next attempt in (\d+) s$/)
      const good = await start({ ...settings, folder: await newFolder(), productSecret: right })
      await good.line(/^connected as/)
      const twin = await start({ ...settings, folder: await newFolder(), productSecret: right })
      const [, taken] = await twin.line(/refused with 2007 .*operator must reset.*next attempt in (\d+) s$/)
      for (const seconds of [refused, taken]) expect(Number(seconds)).toBeGreaterThanOrEqual(leastPeaceSeconds)
      expect(broker.proxy.connections).toBe(4) // one for each question, one for the lamp that was let in
    },
  )

  test.skipIf(missing)('too many attempts to enroll: it waits for longer than the broker asks', async () => {
    await using bare = await startBareBroker()
    const request = bare.next('request/enroll-SN3/device/enroll')
    const lamp = await start({ port: portOf(bare), folder: await newFolder(), serial: 'SN3', productSecret: 'x' })
    expect(await request).toMatchObject({
      type: 'lamp',
      serial: 'SN3',
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const reply = { code: 4029, msg: 'slow "down"', data: { retryAfter: 100 } }
    await bare.send('reply/enroll-SN3/device/enroll', reply)
    const [, seconds] = await lamp.line(/refused with 4029 \(slow "down"\).*next attempt in (\d+) s$/)
    expect(Number(seconds)).toBeGreaterThanOrEqual(160)
  })

  test.skipIf(missing)(
    'a lamp that was reset says what to do, waits minutes, and enrolls again when it is told to',
    async () => {
      const broker = await startBroker()
      const folder = await newFolder()
      const settings = { port: broker.proxy.port, folder, serial: 'SN4', productSecret: await productSecret(broker) }
      const lamp = await start(settings)
      const [, before] = await lamp.line(/^enrolled as lamp-SN4, claim code (\S+)$/)
      await lamp.line(/^connected as/)
      const enrolledBy = seconds()
      await broker.process.run(['device', 'reset', 'lamp-SN4'])
      const [, wait] = await lamp.line(/operator reset .*enroll again.*next attempt in (\d+) s$/)
      expect(Number(wait)).toBeGreaterThanOrEqual(leastPeaceSeconds)

      await expect.poll(seconds).toBeGreaterThan(enrolledBy) // a timestamp is accepted once
      const seen = isBoard ? lamp.lines.length : 0
      if (isBoard) lamp.type('F')
      else await Promise.all([lamp.end(), rm(join(folder, store))])
      const again = isBoard ? lamp : await start(settings)
      const [, after] = await again.line(/^enrolled as lamp-SN4, claim code (\S+)$/, seen)
      expect(after).not.toBe(before)
      await again.line(/^connected as lamp-SN4$/, seen)
    },
  )

  test.skipIf(missing)('commands that make no sense are refused or passed over, and the lamp goes on', async () => {
    await using bare = await startBareBroker()
    const subscribed = bare.subscribed('devices/lamp-1/invoke/+')
    const registered = { id: 'lamp-1', secret: 's3cret' }
    const lamp = await start({ port: portOf(bare), folder: await newFolder(), registered })
    await subscribed
    await lamp.line(/^connected as/)
    for (const payload of senseless) await bare.sendText('devices/lamp-1/set', payload)
    for (const command of refusals) {
      const ack = bare.next('devices/lamp-1/ack')
      await bare.sendText(`devices/lamp-1/${command.on}`, command.payload)
      expect(await ack).toMatchObject({ id: 'x', code: 2005, msg: expect.stringMatching(/\w/) })
    }
    const [state, ack] = [bare.next('devices/lamp-1/state'), bare.next('devices/lamp-1/ack')]
    await bare.sendText('devices/lamp-1/set', ' {"id":"7" ,\n"\\u006fn" : true, "brightness":5e1}\t')
    expect([await state, await ack]).toEqual([
      { on: true, brightness: 50 },
      { id: '7', code: 0 },
    ])
    await lamp.line(/^lamp on at 50 %, 4000 K$/) // its output comes by another way than its answer
    expect(lamp.lines.filter(line => line.startsWith('lamp '))).toHaveLength(1)
  })

  test.skipIf(missing)('what the broker refused is told to the developer, and the lamp goes on', async () => {
    await using bare = await startBareBroker()
    const [told, obeys] = [bare.subscribed('notify/lamp-1/#'), bare.subscribed('devices/lamp-1/invoke/+')]
    const registered = { id: 'lamp-1', secret: 's3cret' }
    const lamp = await start({ port: portOf(bare), folder: await newFolder(), registered })
    await Promise.all([told, obeys])
    await lamp.line(/^connected as/)
    const topic = 'devices/lamp-1/state'
    const refused = { topic, property: 'brightness', code: 2005, msg: 'brightness: 必须 "<= 100"' }
    await bare.send('notify/lamp-1/denied', refused)
    await lamp.line(/^refused: devices\/lamp-1\/state brightness: brightness: 必须 "<= 100" \(2005\)$/)
    await bare.send('notify/lamp-1/denied', {
      topic: 'elsewhere',
      code: 4003,
      msg: 'not allowed: no-rule',
      rule: 'no-rule',
    })
    await lamp.line(/^refused: elsewhere: not allowed: no-rule \(4003\)$/)
    for (const payload of [
      '',
      'nonsense',
      '[]',
      '{"topic":7,"code":"x","msg":null,"property":{}}',
      '['.repeat(100_000),
    ])
      await bare.sendText('notify/lamp-1/denied', payload)
    await bare.send('notify/lamp-1/another-kind', { on: true, id: 'x' })
    const ack = bare.next('devices/lamp-1/ack')
    await bare.send('devices/lamp-1/set', { id: '7', on: true })
    expect(await ack).toEqual({ id: '7', code: 0 })
    await lamp.line(/^lamp on at 80 %, 4000 K$/)
    expect(lamp.lines.filter(line => line.startsWith('lamp '))).toHaveLength(1)
    expect(lamp.lines.filter(line => line.startsWith('refused: '))).toHaveLength(2)
  })

  test.skipIf(missing || !hasOpenssl)(
    'with TLS it connects to a broker that its authority vouches for, and to no other',
    async () => {
      const [ours, theirs] = [selfSigned(folder, 'ours'), selfSigned(folder, 'theirs')]
      const tls = { LATCHKEY_TLS_CERT: ours.cert, LATCHKEY_TLS_KEY: ours.key, LATCHKEY_MQTTS_PORT: '0' }
      const broker = await startBroker(tls)
      const { id = '', secret = '' } = await broker.process.run(['device', 'add', '--type', 'lamp'])
      const settings = { port: broker.process.ports.mqtts ?? 0, registered: { id, secret } }
      const wary = await start({ ...settings, folder: await newFolder(), ca: theirs.cert })
      await wary.line(/next attempt in \d+ s$|^connected as/)
      const lamp = await start({ ...settings, folder: await newFolder(), ca: ours.cert })
      await lamp.line(/^connected as/)
      expect(wary.lines.join('\n')).not.toContain('connected as')
    },
  )
})
