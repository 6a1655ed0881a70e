import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAccountHandlers } from './accounts/account-handlers.ts'
import { createAuthHandlers } from './accounts/auth-handlers.ts'
import { createSignInLimits } from './accounts/sign-in-limits.ts'
import { createTokenAuthenticator } from './accounts/token-authenticator.ts'
import { openWechatIdentity } from './accounts/wechat-identity.ts'
import { type Broker, createBroker } from './broker/create-broker.ts'
import { type Listener, listenTcp } from './broker/listen-tcp.ts'
import type { Config } from './config.ts'
import type { RetainedTopics } from './domain/device-traffic.ts'
import { createEvents, type Events } from './domain/events.ts'
import type { Log } from './domain/log.ts'
import type { MqttStore } from './domain/mqtt-store.ts'
import type { Clock } from './domain/request.ts'
import type { Authenticator } from './domain/sign-in.ts'
import { createHttp } from './http/create-http.ts'
import { type BackendOverrides, openBackend } from './open-backend.ts'
import { logEvents } from './ops/log-events.ts'
import { createMemoryStore } from './persistence/memory-store.ts'
import { createDeviceAuthenticator } from './registry/device-authenticator.ts'
import { openDeviceDirectory } from './registry/device-directory.ts'
import { createDeviceHandlers } from './registry/device-handlers.ts'
import { createDeviceStates } from './registry/device-states.ts'
import { createDeviceTraffic } from './registry/device-traffic.ts'
import { createEnrollmentHandlers } from './registry/enrollment-handlers.ts'
import { createEnrollmentLimits } from './registry/enrollment-limits.ts'
import { createPresence } from './registry/presence.ts'
import { createWechat } from './wechat/create-wechat.ts'
import { startWechatStandIn } from './wechat/wechat-stand-in.ts'

/** Ports really bound, by listener. */
export interface Ports {
  readonly mqtt: number
  readonly http: number
  readonly mqtts?: number
}

/** The running program. */
export interface App {
  readonly ports: Ports
  readonly events: Events
  /** Stops accepting, closes every session, writes what is still to be written. Later calls wait for the first. */
  stop(): Promise<void>
}

export interface AppOverrides extends BackendOverrides {
  readonly log: Log
  /** Keeps MQTT state; in memory when not given. */
  readonly mqttStore?: MqttStore
}

const pruneTokensEveryMs = 60 * 60_000

/** Starts everything, in the order it is written; whatever was started is stopped in reverse, also when a later step fails. */
export async function createApp(config: Config, overrides: AppOverrides): Promise<App> {
  const { log, now = Date.now, mqttStore = createMemoryStore() } = overrides
  const started: (() => unknown)[] = []
  const stopAll = async () => {
    for (const stop of started.splice(0).reverse()) await stop()
  }

  try {
    const events = createEvents()
    logEvents(events, log)

    const { store, keys, tokens, passwords, models, productSecrets, close } = await openBackend(config, overrides)
    started.push(close)
    store.onChangedElsewhere(() => events.emit('store-changed-elsewhere'))
    const prune = () => {
      store.accounts.pruneTokens(now()).catch(cause => events.emit('fault', { where: 'pruning tokens', cause }))
    }
    const pruning = setInterval(prune, pruneTokensEveryMs).unref()
    started.push(() => clearInterval(pruning))

    // Devices. The broker, which retains their topics, comes later: nothing is retained before it is there.
    const retained: RetainedTopics = {
      publishRetained: (topic, payload) => broker.publishRetained(topic, payload),
      replaceRetained: (topic, payload) => broker.replaceRetained(topic, payload),
      retainedOn: topic => broker.retainedOn(topic),
    }
    const presence = createPresence({ store: store.devices, retained, events, now })
    const directory = await openDeviceDirectory({ store: store.devices, events, added: presence.added })
    const states = createDeviceStates({
      store: store.devices,
      models,
      deviceType: directory.typeOf,
      retained,
      events,
      now,
    })
    const traffic = createDeviceTraffic({ models, deviceType: directory.typeOf, states })

    // Who is who.
    const byToken = createTokenAuthenticator({ tokens, store: store.accounts })
    const bySecret = createDeviceAuthenticator({ store: store.devices, directory })
    const authenticator: Authenticator = {
      authenticate: credentials =>
        credentials.username === 'jwt'
          ? byToken.authenticate(credentials.password)
          : bySecret.authenticate(credentials),
      isReserved: bySecret.isReserved,
      recheck: async principal => {
        if (principal.kind === 'guest') return principal
        return principal.kind === 'device' ? bySecret.recheck(principal) : byToken.recheck(principal)
      },
      grantsOf: byToken.grantsOf,
    }

    // Requests.
    const wechatIdentity = await openWechatIdentity({ file: join(config.dataDir, 'keys', 'wechat-identity.key') })
    const limits = createSignInLimits(config.signIn)
    const wechat = await openWechat(config, events, now, started)
    const handlers = {
      ...createAuthHandlers({ store: store.accounts, tokens, passwords, limits, wechat, wechatIdentity, events, now }),
      ...createAccountHandlers(),
      ...createDeviceHandlers({ store: store.devices, models, states, presence, events }),
      ...createEnrollmentHandlers({
        store: store.enrollment,
        models,
        secrets: productSecrets,
        directory,
        limits: createEnrollmentLimits(config.enrollment),
        windowSeconds: config.enrollment.windowSeconds,
        events,
        now,
      }),
    }

    const broker: Broker = await createBroker({
      store: mqttStore,
      authenticator,
      traffic,
      handlers,
      events,
      limits: { ...config.limits, guest: config.guest },
      locale: config.locale,
      now,
    })
    started.push(() => broker.close())
    await presence.seed()
    await states.seed()

    let ready = false
    const http = await createHttp({
      host: config.host,
      port: config.http.port,
      jwks: keys.jwks,
      isReady: () => ready && isWritable(store.check),
      acceptWebSocket: broker.acceptWebSocket,
      origins: config.limits.wsOrigins,
      maxFrameBytes: config.limits.maxPacketBytes + 1024,
    })
    started.push(() => http.close())
    const listeners = await listen(config, broker)
    started.push(async () => {
      ready = false
      for (const listener of Object.values(listeners)) listener?.stop()
      http.stopAccepting()
      await broker.disconnectAll()
      await presence.settled()
      await states.close()
    })
    ready = true

    const { mqtt, mqtts } = listeners
    const ports = { mqtt: mqtt.port, http: http.port, ...(mqtts && { mqtts: mqtts.port }) }
    let stopping: Promise<void> | undefined
    return { ports, events, stop: () => (stopping ??= stopAll()) }
  } catch (error) {
    await stopAll()
    throw error
  }
}

/** WeChat's service, or the stand-in where none is configured, which production refuses (src/config). */
async function openWechat(config: Config, events: Events, now: Clock, started: (() => unknown)[]) {
  const { appid, secret, base } = config.wechat
  const onFault = (cause: unknown) => void events.emit('fault', { where: 'wechat', cause })
  if (appid && secret) return createWechat({ base, appid, secret, now, onFault })
  const standIn = await startWechatStandIn({ now })
  started.push(() => standIn.close())
  return createWechat({ ...standIn, now, onFault })
}

async function listen({ host, mqtt, tls }: Config, broker: Broker): Promise<{ mqtt: Listener; mqtts?: Listener }> {
  const plain = await listenTcp({ host, port: mqtt.port, accept: socket => broker.acceptSocket(socket, 'tcp') })
  if (!tls) return { mqtt: plain }
  const certificate = {
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
    ...(tls.ca && { ca: readFileSync(tls.ca) }),
  }
  const accept = (socket: Parameters<Broker['acceptSocket']>[0]) => broker.acceptSocket(socket, 'tls')
  return { mqtt: plain, mqtts: await listenTcp({ host, port: tls.port, tls: certificate, accept }) }
}

function isWritable(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}
