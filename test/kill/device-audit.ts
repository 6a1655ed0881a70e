import type { MqttClient } from 'mqtt'
import { parseTopic, topics } from '../../src/protocol/topics.ts'
import type { Asker } from './asker.ts'
import type { DeviceLife, User } from './device-life.ts'
import type { DeviceRecord } from './device-record.ts'
import { until } from './until.ts'

/** What a broker that was killed no longer knew. */
export interface DeviceFindings {
  /** States that were older than the last report that was acknowledged, by `device/list` or as retained. */
  readonly lost: readonly string[]
  /** Claims and releases that were acknowledged, and were not in force. */
  readonly undone: readonly string[]
  /** Presence that was not true within a few seconds. */
  readonly wrongPresence: readonly string[]
}

/** Compares what the broker says with what is known of the devices. */
export interface DeviceAudit extends DeviceFindings {
  /** Compares all of it once the broker is back, and settles what is in doubt. No claim, release or reset may be asked for meanwhile. */
  compare(lives: readonly DeviceLife[]): Promise<void>
}

/** The topics that the watcher subscribes. */
export const watchedFilters = [topics.state('+'), topics.presence('+')]

const withinMs = 5000

/** `watcher` subscribes every device; `users` their own, all the time. */
export function createDeviceAudit(
  records: readonly DeviceRecord[],
  watcher: Asker,
  users: readonly User[],
): DeviceAudit {
  /** The first state that came of each device, which is what is retained. */
  const retained = new Map<string, number>()
  const online = new Map<string, boolean>()
  const lost: string[] = []
  const undone: string[] = []
  const wrongPresence: string[] = []

  onDevice(watcher.mqtt, (id, kind, value) => {
    if (kind === 'presence') online.set(id, value.online === true)
    else if (!retained.has(id)) retained.set(id, Number(value.n ?? 0))
  })
  for (const user of users)
    onDevice(user.mqtt, (id, _kind, state) => records.find(record => record.id === id)?.sawState(user.name, state))

  function compareState({ id }: DeviceRecord, floor: number, n: number, where: string): void {
    if (n < floor) lost.push(`${id} ${where} ${n || 'nothing'} after report ${floor} was acknowledged`)
  }

  async function compareRetained(): Promise<void> {
    retained.clear()
    online.clear()
    const owed = records.flatMap(record => (record.floor > 0 ? [{ record, floor: record.floor }] : []))
    await watcher.renew()
    await watcher.mqtt.subscribeAsync(watchedFilters, { qos: 1 })
    await until(() => owed.every(({ record }) => retained.has(record.id)), withinMs)
    for (const { record, floor } of owed) compareState(record, floor, retained.get(record.id) ?? 0, 'retains')
  }

  async function compareList(user: User): Promise<void> {
    await user.renew()
    const owed = records.map(record => ({ record, floor: record.floor }))
    const reply = await user.request('device/list')
    const listed = new Map(devicesIn(reply?.data).map(({ id, state }) => [id, state]))
    for (const { record, floor } of owed) {
      const state = listed.get(record.id)
      const isListed = state !== undefined
      if (record.belongsTo(user.name) === !isListed)
        undone.push(`${record.id} ${isListed ? 'came back to' : 'is gone from'} ${user.name}`)
      record.settleBy(user.name, isListed)
      if (!isListed) continue
      record.sawState(user.name, state)
      compareState(record, floor, Number(state.n ?? 0), 'is listed with')
    }
    await user.mqtt.subscribeAsync(topics.state('+'), { qos: 1 })
  }

  async function comparePresence(lives: readonly DeviceLife[]): Promise<void> {
    const isWrong = ({ record, isPowered }: DeviceLife) => (online.get(record.id) ?? false) !== isPowered
    await until(() => !lives.some(isWrong), withinMs)
    for (const { record, isPowered } of lives.filter(isWrong))
      wrongPresence.push(`${record.id} is ${isPowered ? 'connected' : 'away'}, and said to be the contrary`)
  }

  return {
    lost,
    undone,
    wrongPresence,
    async compare(lives) {
      await compareRetained()
      for (const user of users) await compareList(user)
      await comparePresence(lives)
    },
  }
}

type Values = Readonly<Record<string, unknown>>

function onDevice(client: MqttClient, heard: (id: string, kind: 'state' | 'presence', value: Values) => void): void {
  client.on('message', (topic, payload) => {
    const parsed = parseTopic(topic)
    if (parsed?.kind !== 'state' && parsed?.kind !== 'presence') return
    heard(parsed.deviceId, parsed.kind, payload.length > 0 ? JSON.parse(`${payload}`) : {})
  })
}

const devicesIn = (data: unknown): { id: string; state: Values }[] => (Array.isArray(data) ? data : [])
