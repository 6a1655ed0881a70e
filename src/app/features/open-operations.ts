import type { HubPorts } from '../../broker/hub-ports.ts'
import type { Handlers } from '../../domain/request.ts'
import type { Log, LogControl } from '../../log/log.ts'
import { createAuditOperation } from '../../ops/audit/audit-operation.ts'
import { startAuditPruner } from '../../ops/audit/audit-pruner.ts'
import { createAuditWriter } from '../../ops/audit/audit-writer.ts'
import { recordEvents } from '../../ops/audit/record-events.ts'
import { startBrokerTopics } from '../../ops/broker-topics.ts'
import { createLogOperations } from '../../ops/log/log-operations.ts'
import { createLogTail } from '../../ops/log/log-tail.ts'
import type { Metrics } from '../../ops/metrics/create-metrics.ts'
import { createAccountOperations } from '../../ops/requests/account-operations.ts'
import type { AddressBlocks } from '../../ops/requests/address-blocks.ts'
import { createAddressOperations } from '../../ops/requests/address-operations.ts'
import { createExplain } from '../../ops/requests/create-explain.ts'
import { createTraces } from '../../ops/requests/create-traces.ts'
import { createDeviceOperations } from '../../ops/requests/device-operations.ts'
import { createSessionOperations } from '../../ops/requests/session-operations.ts'
import { createTraceOperation } from '../../ops/requests/trace-operation.ts'
import type { OperationName } from '../../protocol/operations.ts'
import type { Base } from '../base.ts'
import { createStops } from '../stops.ts'

interface Parts {
  readonly hub: HubPorts
  readonly log: Log & LogControl
  readonly metrics: Metrics
  readonly blocks: AddressBlocks
}

/** What operators see and do, wired. */
export interface OpenOperations {
  readonly handlers: Handlers<Extract<OperationName, `ops/${string}`>>
  /** Begins to publish the log and the broker's figures, and to prune the audit trail. */
  start(): void
  /** Stops what {@link start} began, and ends traces. */
  stop(): Promise<void>
  /** Writes the last entries of the audit trail. */
  close(): Promise<void>
}

/** Wires operations, and begins to record the audit trail. */
export function openOperations({ config, backend, events, orders, now }: Base, parts: Parts): OpenOperations {
  const { hub, log, metrics, blocks } = parts
  const { sessions } = hub
  const { store } = backend
  const audit = createAuditWriter({ store: store.audit, events })
  const recording = recordEvents({ events, writer: audit, accounts: store.accounts, now })
  const traces = createTraces({ events, live: hub, now })
  const stops = createStops()

  return {
    handlers: {
      ...createLogOperations({ log, events }),
      ...createTraceOperation({ traces, accounts: store.accounts, events }),
      ...createAuditOperation({ store: store.audit, writer: audit }),
      'ops/explain': createExplain({ accounts: store.accounts, devices: store.devices, sessions }),
      'ops/metrics': async () => metrics.snapshot(),
      ...createSessionOperations({ sessions, stored: hub.storedSessions, events }),
      ...createAddressOperations({ blocks, sessions, events, orders, now }),
      ...createAccountOperations({ accounts: backend.administration, listings: store.listings, events, orders }),
      ...createDeviceOperations({
        devices: backend.provisioning,
        listings: store.listings,
        events,
        orders,
        publicUrl: config.publicUrl,
      }),
    },
    start() {
      stops.add(startAuditPruner({ store: store.audit, ...config.audit, events, now }).stop, traces.close)
      log.tap(createLogTail({ live: hub, now }))
      stops.add(() => log.tap(undefined))
      stops.keep(startBrokerTopics({ metrics, live: hub, intervalSeconds: config.mqtt.sysIntervalSeconds }))
    },
    stop: stops.stopAll,
    async close() {
      recording.close()
      await audit.close()
    },
  }
}
