import type { Config } from '../config/config.ts'
import type { Events } from '../domain/events.ts'
import type { LiveTopics } from '../domain/live-topics.ts'
import type { TappedMessages } from '../domain/message-tap.ts'
import type { OpenSessions, StoredSessionList } from '../domain/open-sessions.ts'
import type { Clock, Handlers } from '../domain/request.ts'
import type { Log, LogControl } from '../log/log.ts'
import { createAccountOperations } from '../ops/account-operations.ts'
import type { AddressBlocks } from '../ops/address-blocks.ts'
import { createAddressOperations } from '../ops/address-operations.ts'
import { createAuditOperation } from '../ops/audit-operation.ts'
import { startAuditPruner } from '../ops/audit-pruner.ts'
import { createAuditWriter } from '../ops/audit-writer.ts'
import { startBrokerTopics } from '../ops/broker-topics.ts'
import { createExplain } from '../ops/create-explain.ts'
import { createTraces } from '../ops/create-traces.ts'
import { createDeviceOperations } from '../ops/device-operations.ts'
import { createLogOperations } from '../ops/log-operations.ts'
import { createLogTail } from '../ops/log-tail.ts'
import type { Metrics } from '../ops/metrics/create-metrics.ts'
import { recordEvents } from '../ops/record-events.ts'
import { createSessionOperations } from '../ops/session-operations.ts'
import { createTraceOperation } from '../ops/trace-operation.ts'
import type { OperationName } from '../protocol/operations.ts'
import type { AppBackend } from './open-backend.ts'

interface Options {
  readonly config: Config
  readonly backend: AppBackend
  readonly events: Events
  readonly log: Log & LogControl
  readonly metrics: Metrics
  /** Of the broker, which comes later. */
  readonly live: LiveTopics & TappedMessages
  readonly sessions: OpenSessions
  readonly storedSessions: StoredSessionList
  readonly blocks: AddressBlocks
  /** See `createDeviceOperations`. */
  readonly learn: (device: { readonly id: string; readonly type: string }) => void
  readonly now: Clock
}

/** What operators see and do, wired. */
export interface OpenOperations {
  readonly handlers: Handlers<Extract<OperationName, `ops/${string}`>>
  /** To be called when the broker is there: from now on the log and the broker's figures are shown to those who follow them. */
  follow(): void
  /** Ends what {@link follow} began, and traces. */
  unfollow(): void
  /** Puts on record what is not yet, and ends. */
  close(): Promise<void>
}

/** Begins to record what belongs into the audit trail. */
export function openOperations(options: Options): OpenOperations {
  const { config, backend, events, log, metrics, live, sessions, storedSessions, blocks, learn, now } = options
  const { store } = backend
  const audit = createAuditWriter({ store: store.audit, events })
  const recording = recordEvents({ events, writer: audit, accounts: store.accounts, now })
  const auditPruner = startAuditPruner({ store: store.audit, ...config.audit, events, now })
  const traces = createTraces({ events, live, now })
  let brokerTopics: ReturnType<typeof startBrokerTopics> | undefined

  return {
    handlers: {
      ...createLogOperations({ log, events }),
      ...createTraceOperation({ traces, accounts: store.accounts, events }),
      ...createAuditOperation({ store: store.audit, writer: audit }),
      'ops/explain': createExplain({ accounts: store.accounts, devices: store.devices, sessions }),
      'ops/metrics': async () => metrics.snapshot(),
      ...createSessionOperations({ sessions, stored: storedSessions, events }),
      ...createAddressOperations({ blocks, sessions, events }),
      ...createAccountOperations({ accounts: backend.administration, listings: store.listings, events }),
      ...createDeviceOperations({
        devices: backend.provisioning,
        listings: store.listings,
        learn,
        events,
        publicUrl: config.publicUrl,
      }),
    },
    follow() {
      log.tap(createLogTail({ live, now }))
      brokerTopics = startBrokerTopics({ metrics, live, intervalSeconds: config.mqtt.sysIntervalSeconds })
    },
    unfollow() {
      brokerTopics?.close()
      log.tap(undefined)
      traces.close()
    },
    async close() {
      await auditPruner.stop()
      recording.close()
      await audit.close()
    },
  }
}
