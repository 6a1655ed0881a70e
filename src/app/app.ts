import { createGroupCommit } from '../broker/commit/group-commit.ts'
import { type Broker, createBroker } from '../broker/create-broker.ts'
import { createHub } from '../broker/create-hub.ts'
import { createOrders } from '../bus/create-orders.ts'
import { localBus } from '../bus/local-bus.ts'
import type { Config } from '../config/config.ts'
import { databases } from '../data-folder/data-files.ts'
import type { Bus } from '../domain/bus.ts'
import { createEvents, type Events } from '../domain/events.ts'
import type { MqttStore } from '../domain/mqtt-state/mqtt-store.ts'
import { onlyNode } from '../domain/node.ts'
import type { Log, LogControl } from '../log/log.ts'
import { logEvents } from '../ops/log/log-events.ts'
import { createMetrics } from '../ops/metrics/create-metrics.ts'
import { createMeters } from '../ops/metrics/meters.ts'
import { createAddressBlocks } from '../ops/requests/address-blocks.ts'
import { accountsFile, followOtherProcesses } from './backend/accounts-file.ts'
import { type BackendOverrides, openBackend } from './backend/open-backend.ts'
import type { Base } from './base.ts'
import { createAuthenticator } from './features/create-authenticator.ts'
import { createRegistry } from './features/create-registry.ts'
import { openAccounts } from './features/open-accounts.ts'
import { openDevices } from './features/open-devices.ts'
import { openOperations } from './features/open-operations.ts'
import { type Fronts, openFronts } from './fronts/open-fronts.ts'
import type { SiteFolders } from './fronts/served-sites.ts'
import { openMqttFile } from './open-mqtt-file.ts'
import { packageVersion } from './package-version.ts'
import { createStops } from './stops.ts'

/** The running program. */
export interface App
  extends Pick<Fronts, 'ports' | 'sites' | 'reloadCertificates' | 'reloadVerification'>,
    Pick<Broker, 'connectedClients'> {
  readonly events: Events
  /** Stops accepting, closes every session, and writes what is still to be written. Later calls wait for the first. */
  stop(): Promise<void>
}

export interface AppOverrides extends BackendOverrides {
  readonly log: Log & LogControl
  /** Keeps MQTT state instead of `mqtt.db`. */
  readonly mqttStore?: MqttStore
  /** To other nodes. */
  readonly bus?: Bus
  readonly sites?: SiteFolders
}

/** First makes everything, each part from those above it, and then starts it. Stops in reverse, also when a step fails. */
export async function createApp(config: Config, overrides: AppOverrides): Promise<App> {
  const { log, bus = localBus, now = Date.now } = overrides
  const stops = createStops()
  try {
    const events = createEvents()
    logEvents(events, log)
    const orders = createOrders(events, bus)
    const meters = stops.keep(createMeters(events, now))
    const backend = stops.keep(await openBackend(config, { ...overrides, database: accountsFile(events, meters) }))
    const onCommit = (durationMs: number) => meters.committed(databases.mqtt, durationMs)
    const mqttStore = overrides.mqttStore ?? openMqttFile(config, events, onCommit)
    const onFault = (cause: unknown) => void events.emit('fault', { where: 'after a commit', cause })
    const commits = createGroupCommit(mqttStore, { onFault })
    stops.add(mqttStore.close, commits.settled)
    const base: Base = { config, backend, events, orders, node: onlyNode, now }

    const devices = stops.keep(await openDevices(base, mqttStore.states, commits))
    const ofHub = {
      store: mqttStore,
      commits,
      traffic: devices.traffic,
      bus,
      limits: { ...config.limits, guest: config.guest },
    }
    const hub = createHub({ ...ofHub, events, now })
    const { ports } = hub
    const metrics = createMetrics({
      meters,
      sources: {
        sessions: ports.sessionsHere,
        storedSessions: ports.storedSessionsAway,
        traffic: () => hub.counted,
        passwordQueue: backend.passwords.waiting,
      },
      version: packageVersion(),
      now,
    })

    const blocks = createAddressBlocks(orders, now)
    const registry = createRegistry(base, ports, devices)
    const accounts = stops.keep(await openAccounts(base, { hub: ports, ownDevices: registry.ownDevices, meters }))
    const operations = openOperations(base, { hub: ports, log, metrics, blocks })
    stops.keep(operations)

    const { byToken, connectByToken } = accounts
    const broker = await createBroker({
      ...ofHub,
      hub,
      authenticator: createAuthenticator({ byToken, connectByToken, bySecret: registry.bySecret }),
      traffic: devices.traffic,
      handlers: { ...accounts.handlers, ...registry.handlers, ...operations.handlers },
      refuses: blocks.refuses,
      locale: config.locale,
      events,
      orders,
      now,
    })
    stops.keep(broker)

    await bus.start({ obey: orders.obeyHere, deliver: hub.router.deliver })
    stops.add(bus.close)
    meters.start()
    followOtherProcesses(backend, events, orders)
    devices.start()
    accounts.start()
    operations.start()
    stops.add(operations.stop)
    await registry.start()
    const { refuses } = blocks
    const fronts = await openFronts(base, { broker, byToken, metrics, mqttStore, refuses, folders: overrides.sites })
    stops.add(fronts.close, registry.settled, broker.disconnectAll, fronts.stopAccepting)
    return { ...fronts, events, connectedClients: broker.connectedClients, stop: stops.stopAll }
  } catch (error) {
    await stops.stopAll()
    throw error
  }
}
