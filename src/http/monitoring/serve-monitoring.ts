import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { type MonitoringRule, mayMonitor } from './may-monitor.ts'

export interface MonitoringOptions extends MonitoringRule {
  /** The client's address. */
  readonly clientOf: (request: IncomingMessage) => string
  /** The state of each check. While there is a `problem`, nothing should be sent here. */
  readonly readiness: () => Promise<{ readonly problem?: string; readonly checks: Readonly<Record<string, string>> }>
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>
  readonly metricsType: string
}

/** Serves `/healthz`, `/readyz` and `/metrics`. A refusal says what to do. */
export async function serveMonitoring(http: FastifyInstance, options: MonitoringOptions): Promise<void> {
  await http.register(async app => {
    app.addHook('onRequest', async (request, reply) => {
      const { raw, headers } = request
      if (await mayMonitor({ address: options.clientOf(raw), headers }, options)) return
      await reply.code(403).send({
        error:
          'only for this machine: ask from loopback without a proxy, send an operator\'s token ("Authorization: Bearer …"), or set http.monitoring to public',
      })
    })
    app.get('/healthz', () => ({ status: 'ok' }))
    app.get('/readyz', async (_request, reply) => {
      const { problem, checks } = await options.readiness()
      return problem === undefined
        ? { status: 'ready', checks }
        : reply.code(503).send({ status: 'not ready', problem, checks })
    })
    app.get('/metrics', async (_request, reply) =>
      reply.header('content-type', options.metricsType).send(await options.metrics()),
    )
  })
}
