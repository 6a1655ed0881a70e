import type { LatchkeyProcess } from '../../scripts/tour/latchkey-process.ts'
import { topics } from '../../src/protocol/topics.ts'
import type { Flow, Interest, Qos } from './flows.ts'
import type { Ledger } from './ledger.ts'
import type { FleetSize, Household } from './prepare-folder.ts'
import { type OnComplaint, openSoakClient, type SoakClient } from './soak-client.ts'

/** One of the fleet: what it sends and what it hears. */
export interface Member {
  readonly client: SoakClient
  readonly kind: 'device' | 'phone' | 'writer' | 'watcher' | 'listener'
  readonly sends: readonly Flow[]
  readonly hears: readonly Interest[]
  /** Never leaves and is never cut: commands to it may not fail. */
  readonly isSteady: boolean
}

const slowEvery = 10

const qosOf = (index: number): Qos => ([0, 1, 2] as const)[index % 3] ?? 0

/** Connects everybody, over TCP and WebSocket in turns, and subscribes. Stored sessions and clean ones, at every QoS. */
export async function openFleet(parts: {
  readonly broker: LatchkeyProcess
  readonly household: Household
  readonly size: FleetSize
  /** Where every tenth comes from, over TCP and WebSocket in turns; nobody when not given. */
  readonly slowUrls?: readonly string[]
  readonly ledger: Ledger
  readonly onComplaint: OnComplaint
}): Promise<Member[]> {
  const { broker, household, size, slowUrls, ledger, onComplaint } = parts
  const urls = [broker.mqttUrl, broker.wsUrl]
  const isSlow = (index: number) => index % slowEvery === slowEvery - 1
  const asService = { username: 'jwt', password: household.serviceToken }
  const steady = (index: number) => index % 4 === 0

  const stateOf = (id: string): Flow => ({ topic: topics.state(id), qos: qosOf(numberOf(id)), sender: id })
  const phoneId = (user: number, phone: number) => `phone-${user}-${phone}`
  const isClean = (user: number, phone: number) => (user + phone) % 3 === 2
  /** QoS 2 needs a session that is kept: without one, mqtt.js sends again what the broker cannot know to be the same. */
  const commandTo = (id: string, user: number, phone: number): Flow => ({
    topic: topics.set(id),
    qos: isClean(user, phone) ? 1 : qosOf(phone),
    sender: phoneId(user, phone),
  })
  const appFlows = Array.from({ length: size.writers }, (_, n): Flow => {
    return { topic: `app/soak/${n}`, qos: qosOf(n), sender: `writer-${n}` }
  })
  const phones = Array.from({ length: size.phonesPerUser }, (_, phone) => phone)

  const planned: (Omit<Member, 'client'> & { id: string; clean: boolean; credentials: object })[] = []
  for (const [index, { id, secret }] of household.devices.entries()) {
    const owner = household.users.findIndex(({ deviceIds }) => deviceIds.includes(id))
    const commands = phones.map(phone => commandTo(id, owner, phone))
    planned.push({
      id,
      kind: 'device',
      clean: false,
      credentials: { username: id, password: secret },
      sends: [stateOf(id)],
      hears: [{ filter: topics.set(id), qos: qosOf(index + 1), flows: commands, isOwed: steady(index) }],
      isSteady: steady(index),
    })
  }
  for (const [user, { tokens, deviceIds }] of household.users.entries()) {
    for (const phone of phones) {
      planned.push({
        id: phoneId(user, phone),
        kind: 'phone',
        clean: isClean(user, phone),
        credentials: { username: 'jwt', password: tokens[phone] ?? '' },
        sends: deviceIds.map(id => commandTo(id, user, phone)),
        hears: [
          { filter: 'devices/+/state', qos: qosOf(user + phone + 1), flows: deviceIds.map(stateOf), isOwed: true },
        ],
        isSteady: false,
      })
    }
  }
  for (const flow of appFlows)
    planned.push({
      id: flow.sender,
      kind: 'writer',
      clean: false,
      credentials: asService,
      sends: [flow],
      hears: [],
      isSteady: false,
    })
  for (let n = 0; n < size.watchers; n++)
    planned.push({
      id: `watcher-${n}`,
      kind: 'watcher',
      clean: n % 4 === 3,
      credentials: asService,
      sends: [],
      hears: [{ filter: 'app/soak/+', qos: qosOf(n + 1), flows: appFlows, isOwed: true }],
      isSteady: false,
    })
  planned.push({
    id: 'listener',
    kind: 'listener',
    clean: false,
    credentials: asService,
    sends: [],
    hears: [
      { filter: 'devices/+/state', qos: 2, flows: household.devices.map(({ id }) => stateOf(id)), isOwed: true },
      { filter: 'app/soak/#', qos: 2, flows: appFlows, isOwed: true },
    ],
    isSteady: true,
  })

  const members: Member[] = []
  for (const [index, { id, clean, credentials, ...member }] of planned.entries()) {
    const options = { clientId: id, clean, ...credentials }
    const ownUrls = isSlow(index) ? (slowUrls ?? urls) : urls
    const url = ownUrls[Math.floor(index / (isSlow(index) ? slowEvery : 1)) % 2] ?? broker.mqttUrl
    const client = await openSoakClient({ url, options, ledger, onComplaint })
    for (const own of member.kind === 'phone' ? [topics.replies(id), topics.notifications(id)] : [])
      await client.subscribe({ filter: own, qos: 1, flows: [], isOwed: false })
    for (const interest of member.hears) await client.subscribe(interest)
    members.push({ client, ...member })
  }
  return members
}

const numberOf = (id: string): number => Number(id.slice(id.lastIndexOf('-') + 1))
