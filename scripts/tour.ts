import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '../devices/simulators/start-simulator.ts'
import { topics } from '../src/protocol/topics.ts'
import { startLatchkey } from './tour/latchkey-process.ts'
import { createNarrator } from './tour/narrator.ts'
import { connectTourClient, type TourClient } from './tour/tour-client.ts'
import { wordsFor } from './tour/words.ts'

/** The whole story with real clients: exit code 0 only if each step did what it should. */
const words = wordsFor(process.env)
const narrator = createNarrator(text => process.stdout.write(text), process.stdout.isTTY === true, words)
const { heading, note, check } = narrator
const digest = (password: string) => createHash('md5').update(password).digest('hex')
const code = (name: string) => `sandbox:${name}:${randomUUID()}`

const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-tour-'))
const latchkey = await startLatchkey(dataDir)
const running: { stop(): Promise<unknown> }[] = [latchkey]

async function phone(who: string, options = {}): Promise<TourClient> {
  const client = await connectTourClient(who, latchkey.wsUrl, narrator, options)
  if (typeof client === 'number') throw new Error(`${who} was refused: CONNACK ${client}`)
  running.push({ stop: client.end })
  check(words('{who} may subscribe its replies', { who }), (await client.subscribe(topics.replies(client.id))) < 128)
  await client.subscribe(topics.notifications(client.id))
  return client
}
const tokenOf = (data: unknown): string => (typeof data === 'string' ? data : '')

async function refused(who: string, expected: number, options: object): Promise<void> {
  const answer = await connectTourClient(who, latchkey.wsUrl, narrator, options)
  if (typeof answer !== 'number') await answer.end()
  check(`${words(who)}: CONNACK ${expected}`, answer === expected)
}

async function story(): Promise<void> {
  heading('0. An operator registers a lamp and an account; the lamp connects with its secret')
  const lamp = await latchkey.run(['device', 'add', '--type', 'lamp', '--id', 'tour-lamp'])
  note(`latchkey device add --type lamp --id tour-lamp → claim code ${lamp.claimCode}`)
  await latchkey.run(['user', 'add', 'bob', '--password-stdin'], 'correct horse')
  note('latchkey user add bob --password-stdin')
  const { id = '', secret = '', claimCode = '' } = lamp
  running.push(startSimulator({ type: 'lamp', url: latchkey.mqttUrl, id, secret }))

  heading('1. A guest sees its own replies and nothing else')
  const alice = await phone('alice')
  check('devices/# is refused with 0x80', (await alice.subscribe('devices/#')) === 128)

  heading('2. Signing in: not bound, register; a second WeChat user binds an existing account')
  check('login before binding: 1001', (await alice.request('auth/login', { code: code('alice') })).code === 1001)
  const registered = await alice.request('auth/register', {
    username: 'alice',
    password: digest('wonderland'),
    code: code('alice'),
  })
  check('register: 0 and a token', registered.code === 0 && tokenOf(registered.data).split('.').length === 3)
  const bob = await phone('bob')
  check(
    'bind with a wrong password: 1',
    (await bob.request('auth/bind', { username: 'bob', password: digest('wrong'), code: code('bob') })).code === 1,
  )
  check(
    'bind: 0',
    (await bob.request('auth/bind', { username: 'bob', password: digest('correct horse'), code: code('bob') })).code ===
      0,
  )

  heading('3. The same connection claims the lamp, follows it, and switches it')
  check('devices/+/state is granted now', (await alice.subscribe('devices/+/state')) < 128)
  await alice.subscribe('devices/+/ack')
  check('claim: 0', (await alice.request('device/claim', { deviceId: id, code: claimCode })).code === 0)
  const lit = alice.next(topics.state(id), state => state.on === true)
  const acked = alice.next(topics.ack(id), ack => ack.id === 'switch-1')
  alice.publish(topics.set(id), { id: 'switch-1', on: true })
  check('the lamp acknowledges', (await acked)?.code === 0)
  check('the lamp is on', (await lit)?.on === true)
  const refusal = alice.next(topics.notify(alice.id, 'denied'))
  alice.publish(topics.set(id), { id: 'switch-2', brightness: 1000 })
  check('a brightness of 1000 is refused: 2005', (await refusal)?.code === 2005)
  const aliceToken = tokenOf(registered.data)
  const again = await phone('alice2', { username: 'jwt', password: aliceToken })
  const list = await again.request('device/list')
  check('reconnecting with the token: the lamp is there, online', JSON.stringify(list.data).includes('"online":true'))

  heading('4. Nobody else: not the second user, not a wrong secret, not a bad token')
  check('bob may follow his own devices', (await bob.subscribe('devices/+/state')) < 128)
  check("bob cannot subscribe alice's lamp", (await bob.subscribe(topics.state(id))) === 128)
  const seen = bob.next('devices/#', () => true, 500)
  const denied = bob.next(topics.notify(bob.id, 'denied'))
  bob.publish(topics.set(id), { id: 'mischief', on: false })
  check("bob cannot set alice's lamp", (await denied)?.code === 4003)
  check('bob hears nothing of it', (await seen) === undefined)
  const [header = '', payload = '', signature = ''] = aliceToken.split('.')
  const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
  const tampered = `${header}.${Buffer.from(payload, 'base64url').toString().replace('"user"', '"operator"')}.${signature}`
  const { token: expired = '' } = await latchkey.run(['token', 'issue', '--user', 'bob', '--ttl', '1'])
  await new Promise(resolve => setTimeout(resolve, 1100)) // an expiry is a time
  await refused('wrong secret', 4, { username: id, password: 'not the secret', clientId: id })
  await refused('expired token', 5, { username: 'jwt', password: expired })
  await refused('tampered token', 4, { username: 'jwt', password: tampered })
  await refused('alg none', 4, { username: 'jwt', password: none })

  heading('5. The lamp is shared: bob is invited to look, and no longer')
  const shared = await alice.request('device/share', { deviceId: id, role: 'viewer' })
  const { invitation } = shared.data as { readonly invitation: string }
  const visible = bob.next(topics.state(id), state => state.on === true)
  check('accept: 0', (await bob.request('device/accept', { invitation })).code === 0)
  check('bob sees that the lamp is on', (await visible) !== undefined)
  const viewerDenied = bob.next(topics.notify(bob.id, 'denied'))
  bob.publish(topics.set(id), { id: 'mischief-2', on: false })
  check('a viewer cannot set it', (await viewerDenied)?.code === 4003)
  const { userId } = (await bob.request('account/me')).data as { readonly userId: string }
  check('revoke: 0', (await alice.request('device/revoke', { deviceId: id, userId })).code === 0)
  check('bob cannot subscribe it any more', (await bob.subscribe(topics.state(id))) === 128)

  heading('6. Logging out on one connection closes the other connection of that token')
  const closed = again.isClosed()
  check('logout: 0', (await alice.request('auth/logout')).code === 0)
  check('the other connection is closed', await closed)
  check('the one that logged out is a guest again: 4003', (await alice.request('account/me')).code === 4003)
  await refused('the token after logout', 5, { username: 'jwt', password: aliceToken })
}

try {
  await story()
} catch (error) {
  check(`the story goes on: ${error instanceof Error ? error.message : error}`, false)
} finally {
  for (const part of running.slice(1).reverse()) await part.stop()
  check('SIGTERM ends the broker with exit code 0', (await latchkey.stop()) === 0)
  await rm(dataDir, { recursive: true, force: true })
}
const { passed, failed } = narrator.checks
process.stdout.write(`\n  ${words('{passed} steps as they should be, {failed} not', { passed, failed })}\n`)
const phonePage = 'http://127.0.0.1:8080/phone/'
if (failed === 0)
  process.stdout.write(
    `  ${words('Next: npm start, then open {phone} and switch a lamp yourself.', { phone: phonePage })}\n\n`,
  )
process.exitCode = failed === 0 ? 0 : 1
