import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { type MonitoringRule, mayMonitor } from './may-monitor.ts'

export interface MonitoringOptions extends MonitoringRule {
  /** Whose request it is. */
  readonly clientOf: (request: IncomingMessage) => string
  /** What is wrong and what is well: nothing should be sent here while `problem` is there. */
  readonly readiness: () => Promise<{ readonly problem?: string; readonly checks: Readonly<Record<string, string>> }>
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>
  readonly metricsType: string
}

/** How the process is, for machines that watch it: `/healthz`, `/readyz` and `/metrics`. Who may not see it is told what to do. */
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
