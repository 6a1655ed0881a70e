import { operations } from '../../src/protocol/operations.ts'
import { topics } from '../../src/protocol/topics.ts'
import type { Random } from './random.ts'

/** The names that topics are made of. */
export interface TopicNames {
  readonly clientId: string
  readonly deviceIds: readonly string[]
}

const operationNames = [...Object.keys(operations), 'auth/none', '__proto__/toString', 'constructor', 'a/b/c', '']
const odd = [
  '',
  '/',
  '//',
  '#',
  '+',
  '+/+/+',
  '$SYS/broker/uptime',
  '$SYS/#',
  '$share/g/devices/#',
  '$latchkey/session',
  'devices/#',
  'devices/+',
  'devices/+/set',
  'devices/%c/state',
  'devices/../state',
  'devices/a#/state',
  'request/+/auth/login',
  'reply/#',
  'app/x',
  'ops/x',
  'a\0b',
  'a\uFEFFb',
  '\u{1F4A1}/\u0001',
  'x/'.repeat(200),
  'y'.repeat(2000),
]
/** Bytes that are no UTF-8. */
const noText = [Buffer.of(0xff, 0xfe), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0x80), Buffer.of(0x61, 0xf0, 0x9f)]

/** A topic to publish on: mostly one of the contract's that this client may use. */
export function anyTopic(random: Random, { clientId, deviceIds }: TopicNames): string | Buffer {
  if (random.chance(0.001)) return random.pick(noText)
  if (random.chance(0.005)) return random.pick(odd)
  const device = random.pick(deviceIds)
  return random.pick([
    () => topics.request(clientId, random.pick(operationNames)),
    () => topics.state(device),
    () => topics.set(device),
    () => topics.invoke(device, random.pick(['blink', 'none', '__proto__'])),
    () => topics.ack(device),
    () => topics.event(device, random.pick(['pressed', 'x', '\u7b11'])),
    () => topics.presence(device),
    () => topics.reply(random.pick([clientId, device]), 'auth/login'),
  ])()
}

/** A filter to subscribe: of the contract, with wildcards where they may be and where not. */
export function anyFilter(random: Random, names: TopicNames): string | Buffer {
  const { clientId, deviceIds } = names
  if (random.chance(0.3)) return anyTopic(random, names)
  const device = random.pick(deviceIds)
  return random.pick([
    topics.replies(clientId),
    topics.notifications(clientId),
    `devices/${device}/#`,
    `devices/${device}/+`,
    `devices/${device}/event/+`,
    `devices/${device}/invoke/+`,
    'devices/+/state',
    'devices/+/presence',
    'devices/+/event/#',
    '+/+/state',
  ])
}
