import { createAccountHandlers } from '../accounts/account-handlers.ts'
import { createAuthHandlers } from '../accounts/auth-handlers.ts'
import { createConnectByToken } from '../accounts/connect-by-token.ts'
import { startServiceTokenWatch } from '../accounts/service-token-watch.ts'
import { createSignInLimits } from '../accounts/sign-in-limits.ts'
import { createTokenAuthenticator } from '../accounts/token-authenticator.ts'
import { startTokenPruner } from '../accounts/token-pruner.ts'
import { openWechatIdentity } from '../accounts/wechat-identity.ts'
import { type Broker, createBroker } from '../broker/create-broker.ts'
import type { Config } from '../config/config.ts'
import { databases, pathsIn } from '../data-folder/data-files.ts'
import { createEvents, type Events } from '../domain/events.ts'
import type { MqttStore } from '../domain/mqtt-store.ts'
import type { VerificationReading } from '../domain/verification.ts'
import type { Site } from '../http/serve-site.ts'
import type { Log, LogControl } from '../log/log.ts'
import { createAddressBlocks } from '../ops/address-blocks.ts'
import { logEvents } from '../ops/log-events.ts'
import { createMetrics } from '../ops/metrics/create-metrics.ts'
import { lookAtReadiness } from '../ops/readiness.ts'
import { openDeviceDirectory } from '../registry/device-directory.ts'
import { createDeviceAuthenticator } from '../registry/enrollment/device-authenticator.ts'
import { createEnrollmentHandlers } from '../registry/enrollment/enrollment-handlers.ts'
import { createEnrollmentLimits } from '../registry/enrollment/enrollment-limits.ts'
import { createHistory } from '../registry/history/history.ts'
import { createHistoryHandlers } from '../registry/history/history-handlers.ts'
import { createClaimLimits } from '../registry/ownership/claim-limits.ts'
import { createDeviceHandlers } from '../registry/ownership/device-handlers.ts'
import { createInvitationLimits } from '../registry/ownership/invitation-limits.ts'
import { createOwnDevices } from '../registry/ownership/own-devices.ts'
import { createReleaseDevice } from '../registry/ownership/release-device.ts'
import { createSharingHandlers } from '../registry/ownership/sharing-handlers.ts'
import { createDeviceStates } from '../registry/state/device-states.ts'
import { createDeviceTraffic } from '../registry/state/device-traffic.ts'
import { createDeviceView } from '../registry/state/device-view.ts'
import { createPresence } from '../registry/state/presence.ts'
import { createBrokerPorts } from './broker-ports.ts'
import { createAuthenticator } from './create-authenticator.ts'
import { type BackendOverrides, openBackend } from './open-backend.ts'
import { openGate } from './open-gate.ts'
import { openHttp } from './open-http.ts'
import { openListeners } from './open-listeners.ts'
import { openMqttFile } from './open-mqtt-file.ts'
import { openOperations } from './open-operations.ts'
import { openWechat } from './open-wechat.ts'
import { packageVersion } from './package-version.ts'
import type { SiteFolders } from './served-sites.ts'

/** Ports really bound, by listener. */
export interface Ports {
  readonly mqtt: number
  readonly http: number
  readonly mqtts?: number
  readonly https?: number
}

/** The running program. */
export interface App {
  readonly ports: Ports
  readonly events: Events
  /** What is served at `/NAME/` of the HTTP port: the phone in a browser, the console. */
  readonly sites: readonly Site['name'][]
  /** Connections that are admitted and have not ended. */
  connectedClients(): number
  /** Reads the certificate files of the TLS port again. What is wrong with them, and then those of before stay in use; 'none' without such a port. */
  reloadCertificates(): 'reloaded' | 'none' | { readonly problem: string }
  /** Reads the files that WeChat asks a domain for again. */
  reloadVerification(): VerificationReading
  /** Stops accepting, closes every session, writes what is still to be written. Later calls wait for the first. */
  stop(): Promise<void>
}

export interface AppOverrides extends BackendOverrides {
  readonly log: Log & LogControl
  /** Keeps MQTT state, in place of `mqtt.db`. */
  readonly mqttStore?: MqttStore
  readonly sites?: SiteFolders
}

const notReady = { problem: 'starting or stopping', checks: {} }
/** A request is answered in three seconds, whoever locks the database. */
const lockPatienceMs = 3000

/** Starts everything, in the order it is written; whatever was started is stopped in reverse, also when a later step fails. */
export async function createApp(config: Config, overrides: AppOverrides): Promise<App> {
  const { log, now = Date.now } = overrides
  const started: (() => unknown)[] = []
  const stopAll = async () => {
    for (const stop of started.splice(0).reverse()) await stop()
  }

  try {
    const events = createEvents()
    logEvents(events, log)

    // Numbers of the broker, which comes later, are asked for by who asks it or its HTTP port.
    const metrics = createMetrics({
      events,
      sources: {
        sessions: () => broker.sessions.all(),
        storedSessions: () => broker.storedSessionsAway(),
        traffic: () => broker.traffic,
        passwordQueue: () => passwords.waiting(),
      },
      version: packageVersion(),
      now,
    })
    started.push(() => metrics.close())

    const file = databases.accounts
    const database = {
      lockPatienceMs,
      onWritten: (durationMs: number) => metrics.committed(file, durationMs),
      onLocked: () => void events.emit('database-locked', { file }),
      onFree: (lockedMs: number) => void events.emit('database-free', { file, lockedMs }),
    }
    const backend = await openBackend(config, { ...overrides, database })
    const { store, keys, tokens, passwords, models, productSecrets, close } = backend
    started.push(close)
    store.onChangedElsewhere(() => {
      keys.reload().catch(cause => events.emit('fault', { where: 'reading the signing keys again', cause }))
      events.emit('store-changed-elsewhere')
    })
    const tokenPruner = startTokenPruner({ store: store.accounts, events, now })
    started.push(tokenPruner.stop, startServiceTokenWatch({ store: store.accounts, events, now }).stop)

    const onCommit = (durationMs: number) => metrics.committed(databases.mqtt, durationMs)
    const mqttStore = overrides.mqttStore ?? openMqttFile(config, events, onCommit)
    started.push(() => mqttStore.destroy())

    // Devices. The broker comes later: nothing is retained, and nobody asked, before it is there.
    const { retained, openSessions, storedSessions, live } = createBrokerPorts(() => broker)
    const presence = createPresence({ store: store.devices, retained, events, now })
    const directory = await openDeviceDirectory({ store: store.devices, events, added: presence.added })
    const blocks = createAddressBlocks(now)
    const { learn } = directory
    const operations = openOperations({
      config,
      backend,
      events,
      log,
      metrics,
      live,
      sessions: openSessions,
      storedSessions,
      blocks,
      learn,
      now,
    })
    started.push(() => operations.close())
    const history = createHistory({ store: store.history, settings: config.history, events, now })
    started.push(history.close)
    const states = createDeviceStates({
      store: store.devices,
      kept: mqttStore.states,
      models,
      directory,
      events,
      folded: history.folded,
      now,
    })
    await states.seed()
    started.push(() => states.close())
    const traffic = createDeviceTraffic({ models, deviceType: directory.typeOf, states })

    // Who is who.
    const byToken = createTokenAuthenticator({ tokens, store: store.accounts, now })
    const bySecret = createDeviceAuthenticator({ store: store.devices, directory })
    const connectByToken = createConnectByToken({ tokens, authenticator: byToken, events })
    const authenticator = createAuthenticator({ connectByToken, byToken, bySecret })

    // Requests.
    const wechatIdentity = await openWechatIdentity({ file: pathsIn(config.dataDir).wechatIdentity })
    const limits = createSignInLimits(config.signIn, now)
    const wechat = await openWechat(config, { events, onAsked: metrics.wechatAsked, now })
    started.push(wechat.close)
    const release = createReleaseDevice({ store: store.devices, models, states, directory, events })
    const handlers = {
      ...createAuthHandlers({ store: store.accounts, tokens, passwords, limits, wechat, wechatIdentity, events, now }),
      ...createAccountHandlers({
        store: store.accounts,
        passwords,
        limits,
        devices: createOwnDevices({ store: store.devices, models, states, presence, release, events }),
        sessions: openSessions.all,
        events,
        now,
      }),
      ...createDeviceHandlers({
        store: store.devices,
        models,
        states,
        presence,
        directory,
        release,
        limits: createClaimLimits(config.claim, now),
        events,
        now,
      }),
      ...createSharingHandlers({
        devices: store.devices,
        invitations: store.invitations,
        view: createDeviceView({ models, states, presence }),
        limits: createInvitationLimits(config.invitation, now),
        events,
        now,
      }),
      ...createEnrollmentHandlers({
        store: store.enrollment,
        models,
        secrets: productSecrets,
        directory,
        limits: createEnrollmentLimits(config.enrollment, now),
        windowSeconds: config.enrollment.windowSeconds,
        events,
        now,
      }),
      ...createHistoryHandlers({ store: store.devices, history: store.history, models }),
      ...operations.handlers,
    }

    const broker: Broker = await createBroker({
      store: mqttStore,
      authenticator,
      traffic,
      handlers,
      events,
      limits: { ...config.limits, guest: config.guest },
      refuses: blocks.refuses,
      locale: config.locale,
      now,
    })
    started.push(() => broker.close())
    operations.follow()
    started.push(() => operations.unfollow())
    await presence.seed()

    const { gate, untrusted } = openGate(config, { refuses: blocks.refuses, events, now })
    let ready = false
    const readiness = {
      databases: { [databases.accounts]: store.check, [databases.mqtt]: mqttStore.check },
      broker: broker.check,
      proxies: untrusted.last,
      disk: { folder: config.dataDir, ...config.disk },
    }
    const { http, sites, reloadVerification } = await openHttp(config, {
      keys,
      byToken,
      metrics,
      broker,
      gate,
      events,
      readiness: async () => (ready ? lookAtReadiness(readiness) : notReady),
      folders: overrides.sites,
    })
    started.push(() => http.close())
    const listeners = await openListeners(config, { broker, http, gate, events })
    started.push(async () => {
      ready = false
      for (const listener of [listeners.mqtt, listeners.tls?.mqtts, listeners.tls?.https]) listener?.stop()
      http.stopAccepting()
      await broker.disconnectAll()
      await presence.settled()
    })
    ready = true

    const { mqtt, tls } = listeners
    const ports = { mqtt: mqtt.port, http: http.port, ...(tls && { mqtts: tls.mqtts.port, https: tls.https.port }) }
    let stopping: Promise<void> | undefined
    return {
      ports,
      events,
      sites,
      connectedClients: broker.connectedClients,
      reloadCertificates() {
        if (!tls) return 'none'
        const problem = tls.reload()
        return problem === undefined ? 'reloaded' : { problem }
      },
      reloadVerification,
      stop: () => (stopping ??= stopAll()),
    }
  } catch (error) {
    await stopAll()
    throw error
  }
}
