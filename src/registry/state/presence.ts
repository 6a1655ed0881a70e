import type { DeviceStore, KeptPresence, Presence } from '../../domain/device.ts'
import type { RetainedPublisher } from '../../domain/device-traffic.ts'
import type { Events } from '../../domain/events.ts'
import type { Clock } from '../../domain/request.ts'
import { topics } from '../../protocol/topics.ts'
import { type Scheduler, systemScheduler } from '../scheduler.ts'
import { createLatestWriter } from './latest-writer.ts'
import { createPresenceSaver } from './presence-saver.ts'

/** Which devices are connected: in memory, retained on their topics, and in the store. */
export interface PresenceKeeper {
  /**
   * Retains the presence of every registered device that is not another node's. What is stored as online was so when this node died: it becomes
   * offline, reason `broker-restart`. Once, before the first session. Rejects with a fault of the store.
   */
  seed(): Promise<void>
  of(deviceId: string): Presence
  /** A device was registered: it is offline and was never seen, unless more is known. */
  added(deviceId: string): void
  /** Resolves when everything that happened so far is retained, and stored unless that cannot be done now. */
  settled(): Promise<void>
}

interface Options {
  readonly store: Pick<DeviceStore, 'listDevices' | 'presences' | 'savePresences'>
  readonly retained: RetainedPublisher
  readonly events: Events
  /** The name of this node: what is stored under another is that one's to change. */
  readonly node: string
  readonly now: Clock
  readonly scheduler?: Scheduler
}

interface Announcement {
  readonly presence: Presence
  /** Members hear of it; otherwise it is only retained. */
  readonly tell: boolean
}

const neverSeen: KeptPresence = { online: false, sinceMs: 0 }

/** Listens to 'device-online' and 'device-offline' from now on. Faults of the store and of publishing are announced as 'fault', and both are tried again. */
export function createPresence({
  store,
  retained,
  events,
  node,
  now,
  scheduler = systemScheduler,
}: Options): PresenceKeeper {
  const presences = new Map<string, Presence>()
  const failed = (where: string) => (cause: unknown) => void events.emit('fault', { where, cause })
  const saver = createPresenceSaver({ store, failed: failed('saving presences'), scheduler })
  const publish = createLatestWriter<Announcement>({
    write(deviceId, { presence, tell }) {
      const topic = topics.presence(deviceId)
      return tell
        ? retained.publishRetained(topic, payloadOf(presence))
        : retained.replaceRetained(topic, payloadOf(presence))
    },
    failed: failed('publishing a presence'),
    scheduler,
  })

  function change(deviceId: string, presence: Presence): void {
    presences.set(deviceId, presence)
    void publish.put(deviceId, { presence, tell: true })
    saver.put(deviceId, { ...presence, node })
  }

  function publishOnly(deviceId: string, presence: Presence, tell: boolean): void {
    presences.set(deviceId, presence)
    void publish.put(deviceId, { presence, tell })
  }

  async function settled(): Promise<void> {
    await Promise.all([publish.settled(), saver.settled()])
  }

  events.on('device-online', ({ deviceId }) => change(deviceId, { online: true, sinceMs: now() }))
  events.on('device-offline', ({ deviceId, reason }) => change(deviceId, { online: false, sinceMs: now(), reason }))

  return {
    async seed() {
      const [devices, stored] = await Promise.all([store.listDevices(), store.presences()])
      for (const { id } of devices) {
        const { node: seenBy = node, ...last } = stored.get(id) ?? neverSeen
        if (seenBy !== node) presences.set(id, last)
        else if (last.online) change(id, { online: false, sinceMs: now(), reason: 'broker-restart' })
        else publishOnly(id, last, false)
      }
      await publish.settled()
    },
    of: deviceId => presences.get(deviceId) ?? neverSeen,
    added(deviceId) {
      if (!presences.has(deviceId)) publishOnly(deviceId, neverSeen, true) // who claimed it at once listens already
    },
    settled,
  }
}

const payloadOf = ({ online, sinceMs, reason }: Presence): string => JSON.stringify({ online, since: sinceMs, reason })
